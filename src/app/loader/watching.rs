//! A watched file or folder: the system tells when something in the folder changes, and once the table in it has stayed as it
//! is for a second, the window is told. A file may be written in place or replaced by a rename. What the system does not tell
//! of is found too, a few seconds later: changes that another computer makes on a network drive, and a folder that was removed
//! and made again.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant, SystemTime};

use notify::event::{AccessKind, AccessMode};
use notify::{Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::{Loaded, Loader, TABLES};

/// How long a file has to stay as it is before it is read: it may still be written to.
const STILL: Duration = Duration::from_secs(1);
/// How often a file that has changed is looked at until it stays as it is.
const LOOK: Duration = Duration::from_millis(200);
/// How often it is looked at where the system tells of no change.
const POLL: Duration = Duration::from_secs(5);

/// A file or folder being watched. Dropping it ends the watching.
pub(in crate::app) struct Watch {
    stop: Arc<AtomicBool>,
    wake: SyncSender<()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        wake(&self.wake);
    }
}

/// Wakes the thread that watches. Where it is to be woken already, or has ended, there is nothing to do.
fn wake(thread: &SyncSender<()>) {
    _ = thread.try_send(());
}

impl Loader {
    /// Watches a file, or a folder for the newest table in it. [`Loaded::Changed`] tells of what is there now and of each
    /// change, [`Loaded::WatchEnded`] when it cannot be watched.
    pub(in crate::app) fn watch(&self, path: PathBuf, number: u64) -> Watch {
        let (news, woken) = sync_channel(1);
        let watch = Watch { stop: Arc::default(), wake: news.clone() };
        let (stop, sender, context) = (Arc::clone(&watch.stop), self.sender.clone(), self.context.clone());
        let failed = move |text| Loaded::WatchEnded { number, why: Some(text) };
        self.work("watch", failed, move || {
            let tell = |file: &Path| {
                // Nobody waits any more when the window is gone.
                drop(sender.send(Loaded::Changed { number, path: file.to_owned() }));
                context.request_repaint();
            };
            let why = watch_until(&stop, &path, news, &woken, &tell).err();
            Loaded::WatchEnded { number, why }
        });
        watch
    }
}

/// Tells of the table in `path`, and of each change of it that lasts, until `stop` is set and `woken`, whose other end `news`
/// is, has something to say.
///
/// # Errors
/// One sentence when `path` cannot be watched.
fn watch_until(
    stop: &AtomicBool,
    path: &Path,
    news: SyncSender<()>,
    woken: &Receiver<()>,
    tell: &dyn Fn(&Path),
) -> Result<(), String> {
    let is_folder = path.is_dir();
    // A file that is replaced by a rename is another file of the same name: its folder tells.
    let folder = match path.parent() {
        _ if is_folder => path,
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let refused = |e: &dyn std::fmt::Display| format!("{} cannot be watched: {e}.", path.display());
    // Later it may come and go; what is not there at first is a path that was mistyped.
    fs::read_dir(folder).map_err(|e| refused(&e))?;
    // Kept until the end: the system tells no more when it is dropped. Where the system cannot tell, looking has to do.
    let _watcher = watcher_of(folder, news).ok();
    let look = || if is_folder { newest_table(path) } else { Stamp::of(path) };
    follow(stop, woken, POLL, &look, tell);
    Ok(())
}

/// Looks whenever it is woken, and after `poll` where it is not, until `stop` is set; tells of each file that has stayed as it
/// is.
fn follow(
    stop: &AtomicBool,
    woken: &Receiver<()>,
    poll: Duration,
    look: &dyn Fn() -> Option<Stamp>,
    tell: &dyn Fn(&Path),
) {
    let mut settling = Settling::default();
    while !stop.load(Ordering::Relaxed) {
        let pause = match settling.look(Instant::now(), look()) {
            Seen::Settled(file) => {
                tell(&file);
                continue;
            }
            Seen::Moving => LOOK,
            Seen::Still => poll,
        };
        if woken.recv_timeout(pause) == Err(RecvTimeoutError::Disconnected) {
            return;
        }
    }
}

/// The system's own watcher, where it has one for this folder.
fn watcher_of(folder: &Path, news: SyncSender<()>) -> notify::Result<RecommendedWatcher> {
    // What has changed does not matter: what is there is looked at. Looking is told of too, and must not wake it again.
    let told = move |event: notify::Result<Event>| {
        let read = |kind: AccessKind| kind != AccessKind::Close(AccessMode::Write);
        if !matches!(event, Ok(Event { kind: EventKind::Access(kind), .. }) if read(kind)) {
            wake(&news);
        }
    };
    let mut watcher = RecommendedWatcher::new(told, Config::default())?;
    watcher.watch(folder, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}

/// A file as it is at a moment: another stamp, another content.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    path: PathBuf,
    bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    /// `None` where there is no file now, as between the two halves of a replacement.
    fn of(path: &Path) -> Option<Self> {
        let about = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        Some(Self { path: path.to_owned(), bytes: about.len(), modified: about.modified().ok() })
    }
}

/// The newest table of a folder, of equally new ones the last by name; hidden and temporary files are no tables.
fn newest_table(folder: &Path) -> Option<Stamp> {
    let files = fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let tables = files.filter(|path| is_table(path)).filter_map(|path| Stamp::of(&path));
    tables.max_by(|a, b| a.modified.cmp(&b.modified).then_with(|| a.path.cmp(&b.path)))
}

fn is_table(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    // "~$" begins the name of the lock that a spreadsheet program puts beside an open workbook.
    !name.starts_with('.') && !name.starts_with("~$") && TABLES.contains(&ending.as_str())
}

/// Waits until what changes has stayed as it is for [`STILL`].
#[derive(Default)]
struct Settling {
    /// What was told last.
    told: Option<Stamp>,
    /// What was seen last, and since when.
    seen: Option<(Stamp, Instant)>,
}

/// What a look found.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    /// This file is new or changed, and has stayed as it is.
    Settled(PathBuf),
    /// It has changed just now: look again soon.
    Moving,
    /// Nothing new.
    Still,
}

impl Settling {
    fn look(&mut self, now: Instant, stamp: Option<Stamp>) -> Seen {
        let Some(stamp) = stamp.filter(|stamp| self.told.as_ref() != Some(stamp)) else {
            self.seen = None;
            return Seen::Still;
        };
        match &self.seen {
            Some((seen, since)) if *seen == stamp => {
                if now.saturating_duration_since(*since) < STILL {
                    return Seen::Moving;
                }
                self.seen = None;
                let path = stamp.path.clone();
                self.told = Some(stamp);
                Seen::Settled(path)
            }
            _ => {
                self.seen = Some((stamp, now));
                Seen::Moving
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(name: &str, bytes: u64) -> Stamp {
        Stamp { path: PathBuf::from(name), bytes, modified: None }
    }

    #[test]
    fn a_file_is_told_once_it_has_stayed_as_it_is() {
        let (start, mut settling) = (Instant::now(), Settling::default());
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        assert_eq!(settling.look(at(0), Some(stamp("a.csv", 10))), Seen::Moving);
        assert_eq!(settling.look(at(900), Some(stamp("a.csv", 20))), Seen::Moving, "it grows");
        assert_eq!(settling.look(at(1800), Some(stamp("a.csv", 20))), Seen::Moving);
        assert_eq!(settling.look(at(1900), Some(stamp("a.csv", 20))), Seen::Settled("a.csv".into()));
        assert_eq!(settling.look(at(2000), Some(stamp("a.csv", 20))), Seen::Still, "told once");
        assert_eq!(settling.look(at(9000), None), Seen::Still, "between the halves of a replacement");
        assert_eq!(settling.look(at(9100), Some(stamp("a.csv", 30))), Seen::Moving);
        assert_eq!(settling.look(at(9200), None), Seen::Still);
        assert_eq!(settling.look(at(10_200), Some(stamp("a.csv", 30))), Seen::Moving, "the second begins anew");
        assert_eq!(settling.look(at(11_300), Some(stamp("b.csv", 30))), Seen::Moving, "another file is newer");
        assert_eq!(settling.look(at(12_300), Some(stamp("b.csv", 30))), Seen::Settled("b.csv".into()));
    }

    #[test]
    fn the_newest_table_of_a_folder_is_found_by_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, hour: u64| {
            let path = folder.path().join(name);
            fs::write(&path, "a\n1\n").unwrap();
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(3600 * hour);
            fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
            path
        };
        assert_eq!(newest_table(folder.path()), None);
        write("quarter_1.csv", 1);
        let newest = write("quarter_2.XLSX", 5);
        for (name, hour) in [("notes.pdf", 9), (".hidden.csv", 9), ("~$quarter_2.xlsx", 9), ("quarter_0.csv", 5)] {
            write(name, hour);
        }
        fs::create_dir(folder.path().join("more.csv")).unwrap();
        assert_eq!(newest_table(folder.path()).unwrap().path, newest);
    }

    #[test]
    fn a_replaced_file_is_told_and_a_stop_ends_the_watching() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("firms.csv");
        fs::write(&path, "a\n1\n").unwrap();
        let ((news, woken), (tell, told)) = (sync_channel(1), sync_channel(9));
        let watch = Watch { stop: Arc::default(), wake: news.clone() };
        let (stop, watched) = (Arc::clone(&watch.stop), path.clone());
        let watch_it = move || watch_until(&stop, &watched, news, &woken, &|file| tell.send(file.to_owned()).unwrap());
        let thread = std::thread::Builder::new().name("watch".to_owned()).spawn(watch_it).unwrap();
        let deadline = Duration::from_secs(30);
        assert_eq!(told.recv_timeout(deadline).unwrap(), path, "what is there is told first");
        let beside = folder.path().join("firms.tmp");
        fs::write(&beside, "a\n1\n2\n").unwrap();
        fs::rename(&beside, &path).unwrap();
        assert_eq!(told.recv_timeout(deadline).unwrap(), path);
        drop(watch);
        assert_eq!(thread.join().unwrap(), Ok(()));
        assert!(told.try_recv().is_err(), "nothing else was told");
    }

    #[test]
    fn what_nobody_tells_of_is_found_by_looking_also_in_a_folder_that_was_made_again() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("drive");
        let write = |name: &str| {
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(name), "a\n1\n").unwrap();
        };
        write("first.csv");
        let ((wake, woken), (tell, told)) = (sync_channel(1), sync_channel(9));
        let (stop, watched) = (Arc::new(AtomicBool::new(false)), folder.clone());
        let ends = Arc::clone(&stop);
        // No watcher of the system, as on a drive whose files another computer writes.
        let follow_it = move || {
            let tell = |file: &Path| tell.send(file.to_owned()).unwrap();
            follow(&ends, &woken, Duration::from_millis(20), &|| newest_table(&watched), &tell);
        };
        let thread = std::thread::Builder::new().name("watch".to_owned()).spawn(follow_it).unwrap();
        let deadline = Duration::from_secs(30);
        assert_eq!(told.recv_timeout(deadline).unwrap(), folder.join("first.csv"));
        fs::remove_dir_all(&folder).unwrap();
        write("second.csv");
        assert_eq!(told.recv_timeout(deadline).unwrap(), folder.join("second.csv"));
        stop.store(true, Ordering::Relaxed);
        thread.join().unwrap();
        drop(wake);
    }

    #[test]
    fn what_is_not_there_cannot_be_watched() {
        let ((news, woken), gone) = (sync_channel(1), Path::new("/no/such/folder/firms.csv"));
        let error = watch_until(&AtomicBool::new(false), gone, news, &woken, &|_| ()).unwrap_err();
        assert!(error.starts_with("/no/such/folder/firms.csv cannot be watched: "), "{error}");
    }
}

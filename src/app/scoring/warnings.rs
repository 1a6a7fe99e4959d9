//! Firms held against an earlier scoring: whose grade fell by two or more.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use super::ScoredTable;
use crate::scoring::{self, EarlyWarning, FirmScore, Warning};

/// An earlier scoring.
pub(in crate::app) struct Earlier {
    /// Its name for people.
    pub(in crate::app) name: String,
    /// The file that it was read from; `None` for a table scored in this window.
    pub(in crate::app) path: Option<PathBuf>,
    firms: scoring::Earlier,
}

impl Earlier {
    /// Of scores that were exported before; one sentence where they cannot be read.
    pub(in crate::app) fn read(path: PathBuf) -> Result<Self, String> {
        let file = File::open(&path).map_err(|e| format!("{}: {e}.", path.display()))?;
        Self::of_file(path, file)
    }

    /// The same of the contents of the file that was at `path`.
    pub(in crate::app) fn of_file(path: PathBuf, contents: impl Read) -> Result<Self, String> {
        let firms = scoring::Earlier::of_csv(contents).map_err(|e| format!("{}: {e}.", path.display()))?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Self { name, path: Some(path), firms })
    }

    /// Of a table scored in this window.
    pub(in crate::app) fn of(scored: &ScoredTable) -> Self {
        Self { name: format!("{} before", scored.name), path: None, firms: scoring::Earlier::of_firms(&scored.firms) }
    }
}

/// Firms whose grade fell by two or more since an earlier scoring.
#[derive(Debug)]
pub(in crate::app) struct Warnings {
    /// Name of the earlier scoring.
    pub(in crate::app) earlier: String,
    /// Firms that are in both.
    pub(in crate::app) compared: usize,
    /// The largest exposure first, each with its place in the table.
    pub(in crate::app) list: Vec<(usize, Warning)>,
    /// The grade before of each of them, by place.
    from: HashMap<usize, char>,
}

impl Warnings {
    /// Holds `firms` against an earlier scoring.
    pub(in crate::app) fn of(earlier: &Earlier, firms: &[FirmScore]) -> Self {
        let mut watching = EarlyWarning::new(earlier.firms.clone());
        for firm in firms {
            watching.see(firm);
        }
        let warnings = watching.warnings();
        // An enterprise may have several rows: the one that is warned of is that of its latest period.
        let wanted: HashMap<&str, usize> =
            warnings.iter().enumerate().map(|(i, warning)| (warning.enterprise.as_str(), i)).collect();
        let mut places: Vec<Option<usize>> = vec![None; warnings.len()];
        for (place, firm) in firms.iter().enumerate() {
            let known = firm.enterprise.as_deref().and_then(|name| wanted.get(name));
            if let Some(&i) = known {
                let after = &warnings[i].after;
                if (&firm.period, firm.grade, firm.pd) == (&after.period, Some(after.grade), after.pd) {
                    places[i] = Some(place);
                }
            }
        }
        let list: Vec<(usize, Warning)> =
            places.into_iter().zip(warnings).filter_map(|(place, warning)| Some((place?, warning))).collect();
        let from = list.iter().map(|(place, warning)| (*place, warning.before.grade)).collect();
        Self { earlier: earlier.name.clone(), compared: watching.n_compared(), list, from }
    }

    /// The grade that the firm at a place fell from, where it fell by two or more.
    pub(in crate::app) fn fallen_from(&self, place: usize) -> Option<char> {
        self.from.get(&place).copied()
    }
}

//! How much memory there is.

use super::worker::default_threads;

/// What a fit of an SVM keeps of its kernel matrix when nothing else is asked for: 512 MiB, or its share of a quarter of the
/// memory that is available, were there a fit on every core, where the system tells (`/proc/meminfo`) and that is less;
/// 16 MiB at least. Never changes a result.
pub(super) fn cache_bytes() -> usize {
    let available = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| available_bytes(&text));
    share(available, default_threads())
}

fn share(available: Option<usize>, threads: usize) -> usize {
    const MOST: usize = 512 << 20;
    available.map_or(MOST, |bytes| (bytes / 4 / threads).clamp(16 << 20, MOST))
}

/// The line `MemAvailable:   12345 kB` of `/proc/meminfo`.
fn available_bytes(meminfo: &str) -> Option<usize> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_whitespace().next()?.parse::<usize>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_what_is_available_and_never_more_than_the_most() {
        let text = "MemTotal:       99999 kB\nMemFree:  1 kB\nMemAvailable:   12345 kB\n";
        assert_eq!(available_bytes(text), Some(12345 * 1024));
        assert_eq!(available_bytes("MemTotal: 1 kB"), None);
        let gib = 1 << 30;
        assert_eq!([share(None, 2), share(Some(64 * gib), 8), share(Some(0), 2)], [512 << 20, 512 << 20, 16 << 20]);
        assert_eq!(share(Some(gib), 2), 128 << 20);
    }
}

//! Firms held against an earlier scoring: whose grade fell by two or more.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::ScoredTable;
use crate::data::fingerprint;
use crate::scoring::{self, EarlyWarning, FirmScore, RiskModel, Warning};

/// An earlier scoring.
#[derive(Debug)]
pub(in crate::app) struct Earlier {
    /// Its name for people.
    pub(in crate::app) name: String,
    /// The file that it was read from with its fingerprint; `None` for a table scored in this window.
    pub(in crate::app) file: Option<(PathBuf, String)>,
    firms: scoring::Earlier,
    /// The model that scored it; `None` for a file, which does not say.
    model: Option<Arc<RiskModel>>,
}

impl Earlier {
    /// Of scores that were exported before; one sentence where they cannot be read.
    pub(in crate::app) fn read(path: PathBuf) -> Result<Self, String> {
        let bytes = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Self::of_file(path, &bytes)
    }

    /// The same of the contents of the file that was at `path`.
    pub(in crate::app) fn of_file(path: PathBuf, contents: &[u8]) -> Result<Self, String> {
        let firms = scoring::Earlier::of_file(&path, contents).map_err(|e| e.to_string())?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Self { name, file: Some((path, fingerprint(contents))), firms, model: None })
    }

    /// Of a table scored in this window.
    pub(in crate::app) fn of(scored: &ScoredTable) -> Self {
        let (name, firms) = (format!("{} before", scored.name), scoring::Earlier::of_firms(&scored.firms));
        Self { name, file: None, firms, model: Some(Arc::clone(&scored.model)) }
    }

    /// Whether it is the work of this model.
    pub(in crate::app) fn is_by(&self, model: &Arc<RiskModel>) -> bool {
        self.model.as_ref().is_some_and(|by| Arc::ptr_eq(by, model))
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

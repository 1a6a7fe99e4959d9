//! Whether PDs are as large as the bad rates they foretell: bins of like PDs, the Brier score taken apart, the
//! Hosmer–Lemeshow test, and the line of log-odds through the outcomes.
//!
//! All of it is for rows that the PDs were not fitted on.

mod bins;
mod brier;
mod hosmer_lemeshow;
mod line;

pub use brier::{BrierParts, brier_parts};
pub use hosmer_lemeshow::{HosmerLemeshow, hosmer_lemeshow};
pub use line::{CalibrationLine, Estimate, calibration_line};

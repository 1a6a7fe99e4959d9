//! Beliefscope: watch a deep belief network learn enterprise risk on your own table, and see honestly whether it beats
//! an SVM.
//!
//! Folders use only folders above them in this list: see `ARCHITECTURE.md`.

pub mod random;

pub mod data;

pub mod model;

pub mod evaluation;

pub mod checks;

pub mod training;

pub mod inspection;

pub mod scoring;

pub mod explanation;

pub mod storage;

pub mod exchange;

pub mod report;

pub mod cli;

pub mod app;

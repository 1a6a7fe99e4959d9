//! Reading, from bytes to cells: small files of every kind with what they hold, bad input, tables written in every way we
//! read and read back, and bytes at random.

#![expect(
    clippy::unwrap_used,
    clippy::format_push_string,
    reason = "helpers of tests end them when a file cannot be written, and are plain before they are fast"
)]

mod any_bytes;
mod bad_input;
mod fixtures;
mod round_trips;
mod workbooks;

use beliefscope::data::{Kind, Reading, Table, profile};

/// One letter for each column: `n`umber, `t`ext, `e`mpty.
fn kinds(table: &Table) -> String {
    let letter = |kind| match kind {
        Kind::Numeric => 'n',
        Kind::Text => 't',
        Kind::Empty => 'e',
    };
    profile(table).iter().map(|profile| letter(profile.kind)).collect()
}

/// Missing cells by what they say, as `token:cells`.
fn missing(reading: &Reading) -> String {
    let told: Vec<String> = reading.missing.iter().map(|count| format!("{}:{}", count.token, count.cells)).collect();
    told.join(" ")
}

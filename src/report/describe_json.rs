//! `describe --json`: how the table is read.

use serde_json::{Value, json};

use super::SCHEMA;
use crate::data::{Role, Source};

/// How the table is read, as JSON.
pub fn describe_json(source: &Source) -> Value {
    let reading = &source.reading;
    let roles = &source.guess.roles;
    let columns: Vec<Value> = source
        .profiles
        .iter()
        .zip(&roles.roles)
        .map(|(p, role)| {
            json!({
                "name": p.name, "kind": p.kind.to_string(), "role": role, "missing": p.missing,
                "distinct": p.distinct, "mean": p.mean, "sd": p.sd, "min": p.min, "max": p.max,
            })
        })
        .collect();
    let label = roles.position(Role::Label);
    let bad_rows = source.dataset(roles).ok().map(|data| data.n_bad());
    json!({
        "schema": SCHEMA,
        "path": source.path.to_string_lossy(),
        "format": reading.format,
        "encoding": reading.encoding,
        "delimiter": reading.delimiter,
        "decimal": reading.decimal,
        "header": reading.header,
        "sheet": reading.sheet,
        "rows_read": reading.rows_read,
        "rows_rejected": reading.rejected,
        "columns": columns,
        "missing_cells": source.profiles.iter().map(|p| p.missing).sum::<usize>(),
        "label": label.map(|c| &source.table.names()[c]),
        "bad": roles.bad,
        "bad_rows": bad_rows,
        "warnings": source.notices(),
    })
}

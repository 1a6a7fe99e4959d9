//! `describe --json`: how the table is read and held out.

use serde_json::{Value, json};

use super::{Description, SCHEMA};
use crate::data::{Dataset, Role};

/// How the table is read and held out, as JSON.
pub fn describe_json(description: &Description<'_>) -> Value {
    let source = description.source;
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
                "quantiles": p.quantiles, "outliers": p.outliers, "histogram": p.histogram, "levels": p.levels,
            })
        })
        .collect();
    let checks: Vec<Value> = description
        .findings
        .iter()
        .map(|finding| {
            let columns: Vec<&String> = finding.columns.iter().map(|&column| &source.table.names()[column]).collect();
            json!({"check": finding.check, "columns": columns, "text": finding.text})
        })
        .collect();
    let missing_tokens: Vec<Value> = reading
        .missing
        .iter()
        .map(|count| {
            let of_column =
                |&(column, cells): &(usize, usize)| json!({"name": source.table.names()[column], "cells": cells});
            let columns: Vec<Value> = count.columns.iter().map(of_column).collect();
            json!({"token": count.token, "cells": count.cells, "columns": columns})
        })
        .collect();
    let preparation: Vec<Value> =
        description.preparation.iter().map(|step| json!({"name": step.name, "text": step.text})).collect();
    let label = roles.position(Role::Label);
    let bad_rows = description.data.as_ref().ok().map(Dataset::n_bad);
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
        "missing_tokens": missing_tokens,
        "missing_cells": source.profiles.iter().map(|p| p.missing).sum::<usize>(),
        "label": label.map(|c| &source.table.names()[c]),
        "bad": roles.bad,
        "bad_rows": bad_rows,
        "splits": description.splits.as_deref().unwrap_or_default(),
        "preparation": preparation,
        "checks": checks,
        "warnings": description.warnings(),
    })
}

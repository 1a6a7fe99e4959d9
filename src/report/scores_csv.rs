//! `compare --scores`: every model's answer for every held-out row.

use std::collections::BTreeMap;

use super::Compared;
use crate::training::FoldResult;

/// CSV with a header: `row, fold, repeat, label, bad, <model>_score, <model>_pd, <model>_class`.
///
/// `row` is the 1-based data row of the input file, of several files that of the table put together; folds and repeats count from 1; label as in the file; bad and class are 0 or 1. A model that did
/// not finish a fold leaves its cells empty there.
///
/// # Errors
/// Never on memory: the error is that of the csv writer.
pub fn scores_csv(compared: &Compared<'_>) -> Result<Vec<u8>, csv::Error> {
    let models = &compared.comparison.models;
    let mut out = csv::Writer::from_writer(Vec::new());
    let mut header: Vec<String> = ["row", "fold", "repeat", "label", "bad"].map(str::to_owned).to_vec();
    for model in models {
        header.extend(["score", "pd", "class"].map(|column| format!("{}_{column}", model.kind.key())));
    }
    out.write_record(&header)?;
    // Folds in order; in each, the models that finished it.
    let mut folds: BTreeMap<(usize, usize), Vec<Option<&FoldResult>>> = BTreeMap::new();
    for (m, model) in models.iter().enumerate() {
        for fold in &model.folds {
            folds.entry((fold.fit.repeat, fold.fit.fold)).or_insert_with(|| vec![None; models.len()])[m] = Some(fold);
        }
    }
    for ((repeat, fold), results) in folds {
        let Some(any) = results.iter().flatten().next() else { continue };
        for (i, &row) in any.fit.test_rows.iter().enumerate() {
            let mut record = vec![
                compared.data.source_rows[row].to_string(),
                (fold + 1).to_string(),
                (repeat + 1).to_string(),
                compared.data.label_text(row).unwrap_or_default().to_owned(),
                u8::from(any.scored.answers.bad[i]).to_string(),
            ];
            for result in &results {
                match result {
                    Some(FoldResult { scored, .. }) => {
                        let called_bad = scored.metrics.threshold.is_some_and(|t| scored.answers.pd[i] >= t);
                        record.extend([
                            scored.answers.score[i].to_string(),
                            scored.answers.pd[i].to_string(),
                            u8::from(called_bad).to_string(),
                        ]);
                    }
                    None => record.extend([String::new(), String::new(), String::new()]),
                }
            }
            out.write_record(&record)?;
        }
    }
    out.into_inner().map_err(|e| e.into_error().into())
}

//! The way of one indicator through the chain, step by step: what a person looks at to see what a step does.

use ndarray::Array2;

use super::Preparation;
use crate::data::dataset::Dataset;

/// The values of one numeric indicator after each step.
#[derive(Clone, Debug, PartialEq)]
pub struct Stages {
    /// Cells that are missing before anything is done, and take no number of their own under the middle rank.
    pub missing: usize,
    /// Numbers as they stand in the table.
    pub raw: Vec<f64>,
    /// With what the missing cells take; they are left out where they take the middle rank, which is no number.
    pub filled: Vec<f64>,
    /// After the step for values far out.
    pub drawn_in: Vec<f64>,
    /// Inputs of the learner, one a row. Several quantile bins are added up: the place among the bins.
    pub inputs: Vec<f64>,
}

impl Preparation {
    /// The values of `indicator` in `rows` of `data` after each step; `None` when it is no number here, or set aside. An
    /// RBM that fills missing cells comes later, in training: until then they take the median.
    pub fn stages(&self, data: &Dataset, rows: &[usize], indicator: &str) -> Option<Stages> {
        let column = self.columns.iter().find(|column| column.source.indicator == indicator)?;
        let number = column.number()?;
        let cells = column.source.cells(data);
        let position = self.neighbours.as_ref().and_then(|n| n.position(indicator));
        let nearest = self.neighbours.as_ref().zip(position).map(|(n, at)| n.fill(data, rows).swap_remove(at));
        let raw: Vec<f64> = rows.iter().filter_map(|&row| cells.number(row)).collect();
        let values: Vec<Option<f64>> = number.filled(&cells, rows, nearest.as_deref()).collect();
        let mut inputs = Array2::<f32>::zeros((rows.len(), column.width()));
        for (inputs, &value) in inputs.rows_mut().into_iter().zip(&values) {
            number.write(value, inputs);
        }
        let filled: Vec<f64> = values.into_iter().flatten().collect();
        Some(Stages {
            missing: rows.len() - raw.len(),
            raw,
            drawn_in: filled.iter().map(|&x| number.drawn_in(x)).collect(),
            filled,
            inputs: inputs.rows().into_iter().map(|row| f64::from(row.sum())).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Fill, OutlierMethod, OutlierSettings, PreparationSettings, RoleRequest, ScaleMethod, Source};

    #[test]
    fn each_step_does_its_part() {
        let cells = ["1", "2", "", "3", "100", "2", "2", "2", "1", "3"];
        let rows: Vec<String> = cells.iter().enumerate().map(|(i, cell)| format!("{cell},{}\n", i % 2)).collect();
        let rows = rows.concat();
        let source =
            Source::from_bytes("t.csv".as_ref(), format!("x,bad\n{rows}").as_bytes(), &RoleRequest::default()).unwrap();
        let data = source.dataset(&source.guess.roles).unwrap();
        let mut settings = PreparationSettings::default();
        settings.missing.fill = Fill::MostFrequent;
        settings.outliers = OutlierSettings { method: OutlierMethod::Winsorise, low: 0.0, high: 0.75 };
        settings.scale.method = ScaleMethod::ZeroToOne;
        let rows: Vec<usize> = (0..10).collect();
        let preparation = Preparation::fit(&data, &rows, &settings).unwrap();
        let stages = preparation.stages(&data, &rows, "x").unwrap();
        assert_eq!((stages.missing, stages.raw.len()), (1, 9));
        assert_eq!(stages.filled, [1.0, 2.0, 2.0, 3.0, 100.0, 2.0, 2.0, 2.0, 1.0, 3.0]);
        // The upper quartile of 1 1 2 2 2 2 3 3 100 is 3.
        assert_eq!(stages.drawn_in, [1.0, 2.0, 2.0, 3.0, 3.0, 2.0, 2.0, 2.0, 1.0, 3.0]);
        assert_eq!(stages.inputs, [0.0, 0.5, 0.5, 1.0, 1.0, 0.5, 0.5, 0.5, 0.0, 1.0]);
        assert!(preparation.stages(&data, &rows, "bad").is_none());
        // Inputs are what the learner gets.
        let inputs = preparation.apply(&data, &rows);
        assert_eq!(inputs.column(0).iter().map(|&x| f64::from(x)).collect::<Vec<_>>(), stages.inputs);
    }

    #[test]
    fn the_middle_rank_is_no_number() {
        let rows: String =
            (0..12).map(|i| if i == 3 { format!(",{}\n", i % 2) } else { format!("{i},{}\n", i % 2) }).collect();
        let source =
            Source::from_bytes("t.csv".as_ref(), format!("x,bad\n{rows}").as_bytes(), &RoleRequest::default()).unwrap();
        let data = source.dataset(&source.guess.roles).unwrap();
        let rows: Vec<usize> = (0..12).collect();
        let preparation = Preparation::fit(&data, &rows, &PreparationSettings::default()).unwrap();
        let stages = preparation.stages(&data, &rows, "x").unwrap();
        assert_eq!((stages.missing, stages.filled.len(), stages.inputs.len()), (1, 11, 12));
    }
}

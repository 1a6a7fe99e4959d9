//! Rows of a second table, taken as those of a first one were: to be scored, or held against them.

use super::{DataError, Dataset, Indicator, Values, coded, present, values};
use crate::data::table::Table;

impl Dataset {
    /// The rows of `table` under the roles of `self`: the indicators of `self` in their order, found by name, and nothing
    /// else. No row has a label, whether `table` has a label column or not; other columns are passed over.
    ///
    /// A column that held texts is read as texts, though all of them be numbers here; one that held numbers keeps texts
    /// where they are not.
    ///
    /// # Errors
    /// [`DataError::IndicatorsLacking`].
    pub fn rows_of(&self, table: &Table) -> Result<Self, DataError> {
        let mut lacking = Vec::new();
        let mut indicators = Vec::new();
        for Indicator { name, values: of_first } in &self.indicators {
            let Some(column) = table.position(name) else {
                lacking.push(name.clone());
                continue;
            };
            let values = match of_first {
                Values::Numeric(_) => values(table, column),
                Values::Category { .. } => {
                    let (codes, levels) = coded(present(table, column));
                    Values::Category { codes, levels }
                }
            };
            indicators.push(Indicator { name: name.clone(), values });
        }
        if !lacking.is_empty() {
            return Err(DataError::IndicatorsLacking { names: lacking });
        }
        Ok(Self {
            indicators,
            bad: vec![None; table.n_rows()],
            label_name: self.label_name.clone(),
            label_codes: vec![None; table.n_rows()],
            label_levels: self.label_levels.clone(),
            bad_value: self.bad_value.clone(),
            enterprise: None,
            enterprise_names: Vec::new(),
            period: None,
            split: None,
            exposure: None,
            source_rows: (1..=table.n_rows() as u64).collect(),
            notices: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{RoleRequest, Source};
    use std::path::Path;

    fn table(csv: &str) -> Table {
        Source::from_bytes(Path::new("x.csv"), csv.as_bytes(), &RoleRequest::default()).unwrap().table
    }

    #[test]
    fn columns_are_found_by_name_and_read_as_before() {
        let first = "ratio,sector,bad\n1.5,1,0\n2.5,b,1\n3.5,1,0\n4.5,b,1\n";
        let request =
            RoleRequest { label: Some("bad".to_owned()), bad: Some("1".to_owned()), ..RoleRequest::default() };
        let first = Source::from_bytes(Path::new("x.csv"), first.as_bytes(), &request).unwrap();
        let first = first.dataset(&first.guess.roles).unwrap();
        assert_eq!(first.indicators.len(), 2);
        // Another order, one column more, no label, and sectors that look like numbers.
        let second = first.rows_of(&table("sector,more,ratio\n2,x,9\n1,y,8\n")).unwrap();
        assert_eq!((second.n_rows(), second.n_labelled()), (2, 0));
        assert_eq!(second.indicators[0].values, Values::Numeric([9.0, 8.0].into()));
        let levels = vec!["2".to_owned(), "1".to_owned()];
        assert_eq!(second.indicators[1].values, Values::Category { codes: vec![Some(0), Some(1)], levels });

        let error = first.rows_of(&table("more,other\n2,x\n1,y\n")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the second table has no column \"ratio\", \"sector\"; columns are found by name, so call them there as in the \
             first"
        );
    }
}

//! Why files do not go together, each with what to do about it.

use thiserror::Error;

/// Why several files could not become one table.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CombineError {
    /// No file at all.
    #[error("No file is named: name at least one.")]
    NoFile,
    /// One file twice, or a copy of it.
    #[error("{first} and {second} hold exactly the same bytes: leave one of them out.")]
    SameBytes {
        /// The first file.
        first: String,
        /// Its copy.
        second: String,
    },
    /// The columns do not agree, and there is nothing to join on.
    #[error(
        "{files} share {shared} of {all} columns and no enterprise id: name the column to join them on, or stack them \
         if their rows are of one kind all the same."
    )]
    Unlike {
        /// The files' names.
        files: String,
        /// Names of columns in every file.
        shared: usize,
        /// Names of columns in any file.
        all: usize,
    },
    /// Columns without names, that are not as many as those of the others.
    #[error(
        "{file} has no names of columns and {}, where {other} has {other_columns}: write the names in its first line.",
        super::counted(*.columns, "column")
    )]
    NoNames {
        /// The file.
        file: String,
        /// Its number of columns.
        columns: usize,
        /// The file it was held against.
        other: String,
        /// The number of columns there.
        other_columns: usize,
    },
    /// Stacking was asked for, and no name is in all files.
    #[error("{files} have no column in common: stacking them would only set empty cells beside each other.")]
    NothingShared {
        /// The files' names.
        files: String,
    },
    /// A join without a column.
    #[error("No column to join on is named: name the one with the enterprise id.")]
    NoKey,
    /// A file lacks a column to join on.
    #[error("There is no column \"{column}\" to join on in {file}{}", nearest_text(.nearest))]
    NoSuchKey {
        /// The column asked for.
        column: String,
        /// The file that lacks it.
        file: String,
        /// Up to three similar names in that file, the most similar first.
        nearest: Vec<String>,
    },
    /// One key on several rows of two files.
    #[error(
        "Keys repeat in more than one file, so rows have no one partner: {first_key} in {first}, {second_key} in \
         {second}. Name a second column to join on as well, such as the period, or leave one row for each key."
    )]
    ManyToMany {
        /// The first file with a repeated key.
        first: String,
        /// Its first repeated key, and the lines: `firm "A" on lines 2 and 5`.
        first_key: String,
        /// The second such file.
        second: String,
        /// The same there.
        second_key: String,
    },
    /// Not one row found a partner.
    #[error(
        "No row of {base} has a partner in {other}: the keys begin with {base_key} here and {other_key} there. Name \
         another column to join on, or write the keys alike."
    )]
    NoPartner {
        /// The file whose rows looked for partners.
        base: String,
        /// Where they looked.
        other: String,
        /// The first key of the one: `firm "0017" on line 2`.
        base_key: String,
        /// The first key of the other.
        other_key: String,
    },
}

fn nearest_text(nearest: &[String]) -> String {
    if nearest.is_empty() { ".".to_owned() } else { format!("; did you mean {}?", super::listed(nearest)) }
}

//! How a table is to be read, where the command line says so and does not leave it to be found out.

use clap::Args;
use clap::builder::BoolishValueParser;

use super::CliError;
use crate::data::{MissingCode, MissingTokens, ReadOptions};

/// What is settled about the reading of a table.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Reading")]
pub struct ReadingArguments {
    /// Encoding of the text, as in gb18030, windows-1250, utf-16le; found out when left out
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// What separates cells: a character, or tab, comma, semicolon, bar, blank
    #[arg(long, value_name = "CHARACTER", allow_hyphen_values = true)]
    pub delimiter: Option<String>,
    /// Decimal mark: a point or a comma
    #[arg(long, value_name = "MARK")]
    pub decimal: Option<String>,
    /// Whether the first line holds the names of the columns: yes or no
    #[arg(long, value_name = "YES|NO", value_parser = BoolishValueParser::new())]
    pub header: Option<bool>,
    /// Sheet of a workbook; the first with a table when left out
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Text that means that a value is missing, beside the usual ones, or COLUMN=VALUE for a code of one column; may be given
    /// several times
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub missing: Vec<String>,
    /// Text that is a value and not missing, as in --not-missing NA; may be given several times
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub not_missing: Vec<String>,
    /// Column of numbers that look like ids, such as counts written 007; may be given several times
    #[arg(long, value_name = "COLUMN")]
    pub numbers: Vec<String>,
}

impl ReadingArguments {
    /// The options that these arguments are.
    ///
    /// # Errors
    /// [`CliError::Usage`] for what is more than one character.
    pub fn options(&self) -> Result<ReadOptions, CliError> {
        let delimiter = self.delimiter.as_deref().map(|name| match name {
            "tab" | "\\t" => Ok('\t'),
            "comma" => Ok(','),
            "semicolon" => Ok(';'),
            "bar" | "pipe" => Ok('|'),
            "blank" | "space" => Ok(' '),
            other => one_character("--delimiter", other),
        });
        let decimal = self.decimal.as_deref().map(|name| match name {
            "point" => Ok('.'),
            "comma" => Ok(','),
            other => one_character("--decimal", other),
        });
        let mut missing = MissingTokens::default();
        for text in &self.not_missing {
            missing.remove(text.trim());
        }
        for text in &self.missing {
            match text.split_once('=') {
                Some((column, value)) if !column.is_empty() && !value.is_empty() => missing
                    .codes
                    .push(MissingCode { column: Some(column.trim().to_owned()), value: value.trim().to_owned() }),
                // A number is the same however it is written, so it is a code and no text.
                _ if crate::data::number(text.trim()).is_some() => {
                    missing.codes.push(MissingCode { column: None, value: text.trim().to_owned() });
                }
                _ => missing.add(text.trim()),
            }
        }
        Ok(ReadOptions {
            encoding: self.encoding.clone(),
            delimiter: delimiter.transpose()?,
            decimal: decimal.transpose()?,
            header: self.header,
            sheet: self.sheet.clone(),
            numbers: self.numbers.clone(),
            missing,
        })
    }
}

fn one_character(option: &str, value: &str) -> Result<char, CliError> {
    let mut characters = value.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => Ok(character),
        _ => Err(CliError::Usage(format!("{option} {value}: give one character"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        reading: ReadingArguments,
    }

    fn options(line: &[&str]) -> Result<ReadOptions, CliError> {
        let line = std::iter::once(&"x").chain(line);
        Line::try_parse_from(line).unwrap().reading.options()
    }

    #[test]
    fn nothing_said_is_all_found_out() {
        assert_eq!(options(&[]).unwrap(), ReadOptions::default());
    }

    #[test]
    fn each_reading_can_be_named() {
        let options =
            options(&["--delimiter", "tab", "--decimal", ",", "--header", "no", "--encoding", "gbk"]).unwrap();
        assert_eq!((options.delimiter, options.decimal, options.header), (Some('\t'), Some(','), Some(false)));
        assert_eq!(options.encoding.as_deref(), Some("gbk"));
        assert!(self::options(&["--delimiter", "ab"]).is_err_and(|error| error.exit_code() == 2));
    }

    #[test]
    fn missing_texts_and_codes() {
        let line = ["--missing", "keine", "--missing", "age=255", "--missing", "-999", "--not-missing", "na"];
        let missing = options(&line).unwrap().missing;
        assert!(missing.holds("x", "Keine", false) && !missing.holds("x", "NA", true));
        assert!(missing.holds("age", "255.0", true) && !missing.holds("x", "255", true));
        assert!(missing.holds("x", "-999.0", true));
    }
}

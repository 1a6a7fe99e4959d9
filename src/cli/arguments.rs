//! What can be asked for on the command line.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::{
    CliError, ExportArguments, ReadingArguments, ReplayArguments, ReportArguments, ScoreArguments, TrainArguments,
};
use crate::data::{Combination, Progress, RoleRequest, Source, ValidationKind, ValidationSettings};
use crate::storage::load_settings;
use crate::training::{ModelKind, Problem, RunSettings, RunSpec, StudyKind, StudySettings, StudySpec};

/// Watch a deep belief network learn enterprise risk on your own table, and see honestly whether it beats an SVM.
#[derive(Debug, Parser)]
#[command(version, about, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    /// Tables to open in the window as one; the bundled sample when left out
    pub files: Vec<PathBuf>,
    /// What to do without a window
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Commands that need no window.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Prepare, train and compare models on held-out rows; print the table and the verdict
    Compare(Box<CompareArguments>),
    /// Say how a table is read and held out: columns, kinds, roles, missing cells, what each split holds, warnings
    Describe(Box<DescribeArguments>),
    /// Train one model, score it on the held-out rows, and write it to a file
    Train(Box<TrainArguments>),
    /// Score the firms of a table, of any size, by a model: PD, class, grade, what is unusual, and why
    Score(Box<ScoreArguments>),
    /// Make a model again from its record and its table, and say whether it is the same, bit for bit
    Replay(Box<ReplayArguments>),
    /// Write the model document of a workspace or of a model as one HTML file, with its tables and figures as files
    Report(Box<ReportArguments>),
    /// Write a model for other programs: as an ONNX graph
    Export(Box<ExportArguments>),
    /// Write a bundled sample; without a name and a file, list them
    Sample {
        /// Name of the sample
        name: Option<String>,
        /// File to write; standard output when left out
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// A table and who is what in it.
#[derive(Args, Clone, Debug, Default)]
pub struct TableArguments {
    /// The table (delimited text, ARFF, xlsx, xls or ods); the bundled sample when left out. Several files become one
    /// table: stacked when their columns agree, else joined on the enterprise id and period
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Put the rows of the files below each other, with a column `source` that holds the file's name
    #[arg(long, conflicts_with = "join")]
    pub stack: bool,
    /// Put the columns of the files beside each other, rows by this column; several separated by commas, as in ID,PERIOD
    #[arg(long, value_delimiter = ',', value_name = "COLUMNS")]
    pub join: Vec<String>,
    /// Column with the outcome; guessed when left out
    #[arg(long, value_name = "COLUMN")]
    pub label: Option<String>,
    /// Value of the label that is the bad outcome; guessed when left out
    #[arg(long, value_name = "VALUE")]
    pub bad: Option<String>,
    /// Column with the enterprise id
    #[arg(long, value_name = "COLUMN")]
    pub id: Option<String>,
    /// Column whose rows must stay together in grouped validation, where it is not the id
    #[arg(long, value_name = "COLUMN")]
    pub group: Option<String>,
    /// Column with the period
    #[arg(long, value_name = "COLUMN")]
    pub time: Option<String>,
    /// Column that says which rows are for train, validation and test
    #[arg(long, value_name = "COLUMN")]
    pub split_column: Option<String>,
    /// Column with the exposure at default of each row, in money: not learned from, never guessed. Where there is none,
    /// `--set money.exposure=…` gives one to all
    #[arg(long, value_name = "COLUMN")]
    pub exposure: Option<String>,
    /// Column to leave out; may be given several times
    #[arg(long, value_name = "COLUMN")]
    pub drop: Vec<String>,
    /// How it is read
    #[command(flatten)]
    pub reading: ReadingArguments,
}

impl TableArguments {
    /// The roles that were named. With `--group` beside `--id`, the groups take the place of the id, which is no
    /// indicator either.
    pub fn request(&self) -> RoleRequest {
        let mut drop = self.drop.clone();
        if let (Some(id), Some(group)) = (&self.id, &self.group)
            && id != group
        {
            drop.push(id.clone());
        }
        RoleRequest {
            label: self.label.clone(),
            bad: self.bad.clone(),
            id: self.group.clone().or_else(|| self.id.clone()),
            period: self.time.clone(),
            split: self.split_column.clone(),
            exposure: self.exposure.clone(),
            drop,
        }
    }

    /// How several files become one table.
    pub fn combination(&self) -> Combination {
        match (self.stack, self.join.as_slice()) {
            (true, _) => Combination::Stack,
            (false, []) => Combination::Auto,
            (false, on) => Combination::Join { on: on.to_vec() },
        }
    }

    /// Opens the table, or the sample.
    ///
    /// # Errors
    /// [`CliError::Data`] with the reason, [`CliError::Usage`] when a single file is to be put together.
    pub fn open(&self) -> Result<Source, CliError> {
        let request = self.request();
        let options = self.reading.options()?;
        let combination = self.combination();
        if combination != Combination::Auto && self.files.len() < 2 {
            return Err(CliError::Usage("--stack and --join need at least two files".to_owned()));
        }
        let opened = if self.files.is_empty() {
            Source::sample(&request)
        } else {
            Source::open_many(&self.files, &combination, &request, &options, &Progress::new())
        };
        opened.map_err(|e| CliError::Data(e.to_string()))
    }
}

/// Which rows are held out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Validation {
    /// One stratified split
    Holdout,
    /// Stratified k-fold
    Kfold,
    /// K-fold with all rows of an enterprise on one side
    Grouped,
    /// The latest periods against all before them
    OutOfTime,
    /// As a column of the table says
    Column,
}

impl From<Validation> for ValidationKind {
    fn from(v: Validation) -> Self {
        match v {
            Validation::Holdout => Self::Holdout,
            Validation::Kfold => Self::Kfold,
            Validation::Grouped => Self::Grouped,
            Validation::OutOfTime => Self::OutOfTime,
            Validation::Column => Self::Column,
        }
    }
}

/// Which rows are held out, and every other setting.
#[derive(Args, Clone, Debug, Default)]
pub struct SettingArguments {
    /// Which rows are held out [default: kfold; column with --split-column, grouped with --group, out-of-time with
    /// --test-from or --test-periods]
    #[arg(long)]
    pub validation: Option<Validation>,
    /// Number of folds [default: 5]
    #[arg(long, value_name = "K")]
    pub folds: Option<usize>,
    /// How often the folds are drawn anew [default: 1]
    #[arg(long, value_name = "R")]
    pub repeats: Option<usize>,
    /// Share of rows held out by --validation holdout [default: 0.3], or at most by out-of-time [default: 0.2]
    #[arg(long, value_name = "SHARE")]
    pub test_share: Option<f64>,
    /// First period tested out of time, as in 2015, 2015Q3 or 2015-06-30 [default: the latest that hold a fifth of the
    /// rows at most]
    #[arg(long, value_name = "PERIOD")]
    pub test_from: Option<String>,
    /// First period marked for validation out of time; learned from too
    #[arg(long, value_name = "PERIOD")]
    pub validation_from: Option<String>,
    /// Test the latest N periods out of time
    #[arg(long, value_name = "N", conflicts_with = "test_from")]
    pub test_periods: Option<usize>,
    /// Out of time, put all rows of an enterprise where its last period goes
    #[arg(long)]
    pub whole_enterprises: bool,
    /// Keep the label of only this share of the training rows of each split, or above 1 of about so many rows; the others
    /// are learned from as rows without a label, and those tested on stay as they are
    #[arg(long, value_name = "F")]
    pub label_fraction: Option<f64>,
    /// Settings file, as the window saves it
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Any one setting, as in gbt.trees=100, or preset=paper, small, deep or best; may be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// The seed [default: 42]
    #[arg(long)]
    pub seed: Option<u64>,
}

impl SettingArguments {
    /// The settings for this table: the file's, then `--set`, then the options of their own. Ranges are not yet checked.
    ///
    /// # Errors
    /// [`CliError::Usage`] naming what is wrong.
    pub fn settings(&self, table: &TableArguments) -> Result<RunSettings, CliError> {
        let mut settings = match &self.settings {
            Some(path) => settings_from(path)?,
            None => RunSettings::default(),
        };
        for pair in &self.set {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| CliError::Usage(format!("--set {pair}: give it as KEY=VALUE, as in gbt.trees=100")))?;
            settings.set(key.trim(), value.trim()).map_err(|e| CliError::Usage(e.to_string()))?;
        }
        self.hold_out(&mut settings.validation, table)?;
        settings.seed = self.seed.unwrap_or(settings.seed);
        Ok(settings)
    }

    fn hold_out(&self, validation: &mut ValidationSettings, table: &TableArguments) -> Result<(), CliError> {
        let in_time = self.test_from.is_some() || self.test_periods.is_some();
        match self.validation {
            Some(kind) => validation.kind = kind.into(),
            None if table.split_column.is_some() => validation.kind = ValidationKind::Column,
            None if in_time => validation.kind = ValidationKind::OutOfTime,
            None if table.group.is_some() => validation.kind = ValidationKind::Grouped,
            None => {}
        }
        if validation.kind == ValidationKind::Column && table.split_column.is_none() {
            return Err(CliError::Usage("--validation column needs --split-column COLUMN".to_owned()));
        }
        validation.folds = self.folds.unwrap_or(validation.folds);
        validation.repeats = self.repeats.unwrap_or(validation.repeats);
        if let Some(share) = self.test_share {
            match validation.kind {
                ValidationKind::OutOfTime => validation.latest_share = share,
                _ => validation.test_share = share,
            }
        }
        // Where the tested periods begin is said by one of the two: an option takes the place of both.
        if in_time {
            validation.test_from.clone_from(&self.test_from);
            validation.test_periods = self.test_periods;
        }
        if self.validation_from.is_some() {
            validation.validation_from.clone_from(&self.validation_from);
        }
        validation.keep_enterprises_whole |= self.whole_enterprises;
        validation.label_fraction = self.label_fraction.or(validation.label_fraction);
        Ok(())
    }
}

/// Arguments of `describe`.
#[derive(Args, Clone, Debug, Default)]
pub struct DescribeArguments {
    /// The table and its roles
    #[command(flatten)]
    pub table: TableArguments,
    /// Which rows are held out
    #[command(flatten)]
    pub settings: SettingArguments,
    /// Write JSON to this file, - for standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// Arguments of `compare`.
#[derive(Args, Clone, Debug, Default)]
pub struct CompareArguments {
    /// The table and its roles
    #[command(flatten)]
    pub table: TableArguments,
    /// Which rows are held out, and every other setting
    #[command(flatten)]
    pub settings: SettingArguments,
    /// Models, separated by commas: dbn, svm, mlp (the DBN's net without pre-training), logistic
    /// (logistic regression), gbt (gradient-boosted trees), majority
    #[arg(long, value_delimiter = ',', value_name = "MODELS")]
    pub models: Option<Vec<String>>,
    /// Threads; never changes a result [default: one per core]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Write the result as JSON to this file, - for standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write every model's scores of the held-out rows to this CSV file
    #[arg(long, value_name = "FILE")]
    pub scores: Option<PathBuf>,
    /// Study the models after the comparison: noise (on the indicators of the rows scored), missing (cells knocked out),
    /// label-noise (in training), labels (learning curve), seeds; or a study's settings as JSON, as in
    /// `{"kind":"noise","draws":3}`. May be given several times
    #[arg(long, value_name = "KIND")]
    pub study: Vec<String>,
    /// Write the result as a page for readers to this HTML file, complete in itself
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Print nothing but errors
    #[arg(long)]
    pub quiet: bool,
}

impl CompareArguments {
    /// The studies asked for, checked.
    ///
    /// # Errors
    /// [`CliError::Usage`] naming what is wrong.
    pub fn studies(&self) -> Result<Vec<StudySpec>, CliError> {
        let study = |asked: &String| {
            let wrong = |why: &dyn std::fmt::Display| CliError::Usage(format!("--study {asked}: {why}"));
            let settings = if asked.trim_start().starts_with('{') {
                serde_json::from_str(asked).map_err(|e| wrong(&e))?
            } else {
                let known = StudyKind::ALL.map(|kind| kind.key().replace('_', "-")).join(", ");
                let kind = StudyKind::from_key(asked).ok_or_else(|| wrong(&format!("the studies are {known}")))?;
                StudySettings::of(kind)
            };
            settings.check().map_err(|problems| wrong(&sentences(&problems)))
        };
        self.study.iter().map(study).collect()
    }

    /// The settings, checked.
    ///
    /// # Errors
    /// [`CliError::Usage`] naming what is wrong.
    pub fn spec(&self) -> Result<RunSpec, CliError> {
        let mut settings = self.settings.settings(&self.table)?;
        if let Some(names) = &self.models {
            settings.models = names.iter().map(|name| model(name)).collect::<Result<_, _>>()?;
        }
        if self.threads == Some(0) {
            return Err(CliError::Usage("--threads must be at least 1".to_owned()));
        }
        checked(&settings)
    }
}

impl DescribeArguments {
    /// The settings, checked.
    ///
    /// # Errors
    /// [`CliError::Usage`] naming what is wrong.
    pub fn spec(&self) -> Result<RunSpec, CliError> {
        checked(&self.settings.settings(&self.table)?)
    }
}

pub(super) fn checked(settings: &RunSettings) -> Result<RunSpec, CliError> {
    settings.check().map_err(|problems| CliError::Usage(sentences(&problems)))
}

fn sentences(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn settings_from(path: &Path) -> Result<RunSettings, CliError> {
    match load_settings(path) {
        Ok(Some(file)) => Ok(file.run),
        Ok(None) => Err(CliError::Usage(format!("there is no settings file {}", path.display()))),
        Err(error) => Err(CliError::Usage(error.to_string())),
    }
}

pub(super) fn model(name: &str) -> Result<ModelKind, CliError> {
    let known = || ModelKind::ALL.map(ModelKind::key).join(", ");
    ModelKind::from_key(name.trim())
        .ok_or_else(|| CliError::Usage(format!("there is no model {name}; the models are: {}", known())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn compare(line: &str) -> CompareArguments {
        let words = std::iter::once("beliefscope").chain(line.split_whitespace());
        match Arguments::try_parse_from(words).unwrap().command {
            Some(Command::Compare(arguments)) => *arguments,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn options_come_after_set_and_both_reach_the_settings() {
        let line = "compare data.csv --label y --bad 1 --folds 4 --models mlp,svm --set svm.c=10 --set seed=3 --seed 9";
        let arguments = compare(line);
        let settings = arguments.spec().unwrap().settings;
        assert_eq!((settings.validation.folds, settings.seed, settings.svm.c), (4, 9, 10.0));
        assert_eq!(settings.models, [ModelKind::Mlp, ModelKind::Svm]);
        assert_eq!(arguments.table.request().label.as_deref(), Some("y"));
    }

    #[test]
    fn a_split_column_chooses_its_validation() {
        let kind = |line| compare(line).spec().map(|s| s.settings.validation.kind);
        assert_eq!(kind("compare --split-column part").unwrap(), ValidationKind::Column);
        assert!(kind("compare --validation column").is_err());
        assert_eq!(kind("compare").unwrap(), ValidationKind::Kfold);
    }

    #[test]
    fn a_cut_in_time_chooses_its_validation() {
        let validation = |line| compare(line).spec().unwrap().settings.validation;
        let cut = validation("compare --group firm --test-from 2015 --validation-from 2012 --whole-enterprises");
        assert_eq!(cut.kind, ValidationKind::OutOfTime);
        assert_eq!((cut.test_from.as_deref(), cut.validation_from.as_deref()), (Some("2015"), Some("2012")));
        assert!(cut.keep_enterprises_whole);
        assert_eq!(validation("compare --set validation.test_from=2015 --test-periods 3").test_periods, Some(3));
        let share = validation("compare --validation out-of-time --test-share 0.1");
        assert_eq!((share.latest_share, share.test_share), (0.1, 0.3));
        assert_eq!(validation("compare --label-fraction 100").label_fraction, Some(100.0));
        assert_eq!(validation("compare --set validation.label_fraction=0.5").label_fraction, Some(0.5));
        assert_eq!(validation("compare --group firm").kind, ValidationKind::Grouped);
        assert!(Arguments::try_parse_from("b compare --test-from 1 --test-periods 1".split(' ')).is_err());
    }

    #[test]
    fn groups_take_the_place_of_the_id() {
        let request = compare("compare --id row --group firm").table.request();
        assert_eq!((request.id.as_deref(), request.drop.as_slice()), (Some("firm"), ["row".to_owned()].as_slice()));
    }

    #[test]
    fn wrong_usage_is_told_in_words() {
        let error = |line| compare(line).spec().unwrap_err().to_string();
        assert!(error("compare --models dbn,forest").contains("dbn, svm, mlp, logistic, gbt, majority"));
        assert!(error("compare --set svm.c").contains("KEY=VALUE"));
        assert!(error("compare --set svm.c=-1").contains("svm.c"));
        assert!(error("compare --threads 0").contains("--threads"));
        assert!(error("compare --label-fraction 0").contains("label_fraction"));
        assert!(error("compare --models svm,svm").contains("twice"));
        assert_eq!(compare("compare --folds 1").spec().unwrap_err().exit_code(), 2);
    }

    #[test]
    fn a_file_alone_opens_the_window() {
        let arguments = Arguments::try_parse_from(["beliefscope", "firms.csv"]).unwrap();
        assert!(arguments.command.is_none());
        assert_eq!(arguments.files, [PathBuf::from("firms.csv")]);
    }

    #[test]
    fn several_files_are_stacked_or_joined() {
        let table = |line| compare(line).table;
        assert_eq!(table("compare a.csv b.csv --stack --label y").files, ["a.csv", "b.csv"].map(PathBuf::from));
        assert_eq!(table("compare a.csv b.csv --join firm,year").join, ["firm", "year"]);
        let words = ["beliefscope", "describe", "a", "b", "--stack", "--join", "firm"];
        assert!(Arguments::try_parse_from(words).is_err(), "one or the other");
        let error = table("compare a.csv --stack").open().unwrap_err();
        assert_eq!((error.exit_code(), error.to_string().contains("at least two")), (2, true));
    }
}

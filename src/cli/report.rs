//! `beliefscope report`: the model document of a workspace or of a model, with its tables and figures as files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use clap::Args;

use super::output::{check_writable, note, write_document};
use super::train::open_model;
use super::{CliError, now, training_error};
use crate::report::{Document, ModelDocument, WorkspaceDocumentError, png, workbook, workspace_document};
use crate::storage::{SavedWorkspace, StoredError, WorkspaceModel, load_workspace};
use crate::training::{ModelKind, worker};

/// Arguments of `report`.
#[derive(Args, Clone, Debug, Default)]
pub struct ReportArguments {
    /// The workspace (.bscope) or the model (.bscope-model)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Which model of a workspace it is about: dbn, svm, … for one that was trained, the name of its file for one that was opened
    /// [default: without a comparison the one that firms were scored by, else the first]
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
    /// HTML file to write, - for standard output
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Write every table of the document to this folder as CSV, and all of them as one workbook, tables.xlsx
    #[arg(long, value_name = "FOLDER")]
    pub tables: Option<PathBuf>,
    /// Write every figure of the document to this folder as SVG and PNG
    #[arg(long, value_name = "FOLDER")]
    pub figures: Option<PathBuf>,
    /// Size of these figures, in pixels
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "720x480", value_parser = size)]
    pub size: [u32; 2],
    /// Threads; never changes a result [default: one per core]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Print nothing but errors
    #[arg(long)]
    pub quiet: bool,
}

/// "720x480".
fn size(text: &str) -> Result<[u32; 2], String> {
    let side = |side: &str| side.trim().parse::<u32>().ok().filter(|side| (50..=16_384).contains(side));
    let sides = text.split_once(['x', 'X', '×']).and_then(|(width, height)| Some([side(width)?, side(height)?]));
    sides.ok_or_else(|| "give width and height in pixels, each from 50 to 16384, as in 720x480".to_owned())
}

pub(super) fn run(arguments: &ReportArguments) -> Result<u8, CliError> {
    if arguments.threads == Some(0) {
        return Err(CliError::Usage("--threads must be at least 1".to_owned()));
    }
    check_writable(&arguments.out)?;
    let threads = arguments.threads.unwrap_or_else(worker::default_threads);
    let document = worker::within(threads, || document(&arguments.file, &now(), arguments.model.as_deref(), threads))?;
    write_document(&arguments.out, document.html().as_bytes())?;
    if let Some(folder) = &arguments.tables {
        write_tables(&document, folder)?;
    }
    if let Some(folder) = &arguments.figures {
        write_figures(&document, folder, arguments.size)?;
    }
    if !arguments.quiet && arguments.out != Path::new("-") {
        note(&format!("written to {}", arguments.out.display()));
    }
    Ok(0)
}

/// The model of a workspace that is called so.
fn model_named(workspace: &SavedWorkspace, name: &str) -> Result<WorkspaceModel, CliError> {
    let runs = workspace.run.iter().flat_map(|run| &run.trained).filter(|trained| trained.model().is_some());
    let trained: Vec<ModelKind> = runs.map(|trained| trained.done.model).collect();
    if let Some(kind) = trained.iter().find(|kind| kind.key() == name) {
        return Ok(WorkspaceModel::Trained(*kind));
    }
    // As it was named on whichever system it was saved.
    let file = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    if let Some(index) = workspace.models.iter().position(|model| model.path == name || file(&model.path) == name) {
        return Ok(WorkspaceModel::Opened(index));
    }
    let there = trained.iter().map(|kind| kind.key().to_owned());
    let there: Vec<String> = there.chain(workspace.models.iter().map(|model| file(&model.path))).collect();
    let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
    Err(CliError::Usage(format!("the workspace has no model {name}; it has {there}")))
}

/// The document of a workspace or of a model, written at `written`, about the model that is called `model`.
fn document(path: &Path, written: &str, model: Option<&str>, threads: usize) -> Result<Document, CliError> {
    let workspace = match load_workspace(path) {
        Ok(workspace) => workspace,
        Err(StoredError::OtherKind { .. }) if model.is_some() => {
            return Err(CliError::Usage(
                "--model chooses among the models of a workspace; this file is one model".to_owned(),
            ));
        }
        Err(StoredError::OtherKind { .. }) => {
            let model = open_model(path)?;
            return Ok(Document::new(&ModelDocument { written, model: Some(&model), ..ModelDocument::default() }));
        }
        Err(error) => return Err(CliError::Data(error.to_string())),
    };
    let model = model.map(|name| model_named(&workspace, name)).transpose()?;
    let made = workspace_document(&workspace, written, model, threads, &AtomicBool::new(false));
    let made = made.map_err(|error| match error {
        WorkspaceDocumentError::Training(error) => training_error(&error),
        // Names the file that is at fault, which may be one of several.
        WorkspaceDocumentError::Stored(error) => CliError::Data(error.to_string()),
        WorkspaceDocumentError::Empty | WorkspaceDocumentError::Parts(_) => {
            CliError::Data(format!("{}: {error}", path.display()))
        }
    })?;
    made.ok_or_else(|| CliError::Training("the document was stopped on the way".to_owned()))
}

fn make_folder(folder: &Path) -> Result<(), CliError> {
    fs::create_dir_all(folder)
        .map_err(|error| CliError::Usage(format!("{} cannot be made: {}", folder.display(), error.kind())))
}

fn write_tables(document: &Document, folder: &Path) -> Result<(), CliError> {
    make_folder(folder)?;
    let cannot = |error: &dyn std::fmt::Display| CliError::Usage(format!("the tables cannot be written: {error}"));
    let tables = document.tables();
    for table in &tables {
        write_document(&folder.join(format!("{}.csv", table.name)), &table.csv().map_err(|e| cannot(&e))?)?;
    }
    write_document(&folder.join("tables.xlsx"), &workbook(&tables).map_err(|e| cannot(&e))?)
}

fn write_figures(document: &Document, folder: &Path, size: [u32; 2]) -> Result<(), CliError> {
    make_folder(folder)?;
    for picture in document.pictures() {
        let svg = picture.svg(size);
        let pixels = png(&svg, size).map_err(|error| CliError::Usage(error.to_string()))?;
        write_document(&folder.join(format!("{}.svg", picture.name)), svg.as_bytes())?;
        write_document(&folder.join(format!("{}.png", picture.name)), &pixels)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Combination, ReadOptions, Role, RoleRequest, Source};
    use crate::report::{Compared, TrainedModel, Work, look, work_document};
    use crate::scoring::{DataRecord, Making, ReadAs, RiskModel};
    use crate::storage::{
        Override, OverrideModel, OverrideTable, SavedComparison, SavedEnd, SavedModel, SavedRun, SavedScoring,
        SavedTable, SavedTrained, Subject, save_model, save_workspace,
    };
    use crate::training::{
        Control, History, LiveChanges, ModelKind, RunSettings, analyse, compare, train, train_split,
    };

    const WRITTEN: &str = "2026-11-23T16:00:00Z";

    #[test]
    fn sizes_are_read() {
        assert_eq!(size("720x480"), Ok([720, 480]));
        assert_eq!(size("1200 × 800"), Ok([1200, 800]));
        for wrong in ["720", "0x480", "99999x10", "axb", ""] {
            assert!(size(wrong).unwrap_err().contains("720x480"), "{wrong}");
        }
    }

    struct ToTheEnd;

    impl Control for ToTheEnd {
        fn go_on(&mut self, _: &mut dyn crate::model::Learner, _: bool) -> bool {
            true
        }

        fn point(&mut self, _: crate::model::Point) {}
    }

    /// A workspace with a comparison, a trained model and an override.
    fn workspace() -> (SavedWorkspace, RiskModel) {
        let source = Source::sample(&RoleRequest::default()).unwrap();
        // Not as guessed: a column is set aside by hand.
        let mut roles = source.guess.roles.clone();
        let column = roles.position(Role::Indicator).unwrap();
        roles.roles[column] = Role::SetAside;
        let data = source.dataset(&roles).unwrap();
        let models = vec![ModelKind::Logistic, ModelKind::Majority];
        let mut settings = RunSettings { models, ..RunSettings::default() };
        settings.validation.folds = 3;
        let spec = settings.check().unwrap();
        let comparison = compare(&data, &spec, 2, &[], &|_| (), &AtomicBool::new(false)).unwrap();
        let fold = train_split(&data, &spec).unwrap();
        let kind = ModelKind::Logistic;
        let (done, classifier) = train(&fold, &spec, kind, &LiveChanges::default(), &mut ToTheEnd).unwrap();
        let read_as = ReadAs { roles: roles.clone(), ..ReadAs::default() };
        let model = RiskModel::new(Making {
            fold: &fold,
            data: &data,
            record: DataRecord::new(&source, &data, read_as),
            spec: &spec,
            classifier: classifier.as_ref(),
            done: &done,
            made: "2026-11-23T13:20:00Z".to_owned(),
        })
        .unwrap();
        let subject = Subject { table: 0, roles };
        let sample = source.sample.map(|sample| sample.name.to_owned());
        let (options, combination) = (ReadOptions::default(), Combination::default());
        let workspace = SavedWorkspace {
            tables: vec![SavedTable { files: Vec::new(), sample, options, combination }],
            comparison: Some(SavedComparison { subject: subject.clone(), settings: settings.clone(), comparison }),
            run: Some(SavedRun {
                subject,
                settings,
                prepared: None,
                history: History::default(),
                trained: vec![SavedTrained::new(done, Some(model.clone()))],
                changes: LiveChanges::default(),
                reached: None,
                end: SavedEnd::Finished,
            }),
            overrides: vec![Override {
                table: Some(OverrideTable::of(&source)),
                model: Some(OverrideModel::of(&model)),
                enterprise: None,
                row: 7,
                pd: 0.125,
                from_bad: false,
                to_bad: true,
                from_grade: None,
                to_grade: None,
                reason: "Guarantor failed".to_owned(),
                user: "A. N.".to_owned(),
                time: "2026-11-23T13:20:00Z".to_owned(),
            }],
            ..SavedWorkspace::default()
        };
        (workspace, model)
    }

    #[test]
    fn work_in_memory_and_the_same_read_from_its_file_are_one_document() {
        let folder = tempfile::tempdir().unwrap();
        let (saved, model) = workspace();
        let work = folder.path().join("work.bscope");
        save_workspace(&work, &saved).unwrap();
        let of_file = document(&work, WRITTEN, None, 2).unwrap();
        let SavedComparison { subject, settings, comparison } = saved.comparison.as_ref().unwrap();
        let source = Source::sample(&RoleRequest::default()).unwrap();
        let data = source.dataset(&subject.roles).unwrap();
        let spec = settings.check().unwrap();
        let stop = AtomicBool::new(false);
        let analysis = analyse(&data, &spec, comparison, 1, &stop).unwrap();
        let findings = look(&source, &subject.roles, &data, &spec);
        for analysis in [None, analysis.as_ref()] {
            let (source, roles, data, spec) = (&source, &subject.roles, &data, &spec);
            let compared = Compared { source, roles, data, spec, comparison, analysis, findings: &findings };
            let in_memory = Work {
                written: WRITTEN,
                compared: Some(&compared),
                trained: Some(TrainedModel { model: &model, data, spec }),
                overrides: &saved.overrides,
                ..Work::default()
            };
            let made = work_document(&in_memory, 1, &stop).unwrap().unwrap();
            assert_eq!(made.html(), of_file.html());
            let files = |document: &Document| -> Vec<Vec<u8>> {
                document.tables().into_iter().map(|table| table.csv().unwrap()).collect()
            };
            assert_eq!(files(&made), files(&of_file));
            assert!(work_document(&in_memory, 1, &AtomicBool::new(true)).unwrap().is_none());
        }
        assert!(of_file.html().contains("by hand"), "the column that was set aside by hand");
    }

    #[test]
    fn the_document_is_about_the_model_that_was_scored_with_or_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let (saved, model) = workspace();
        let opened = RiskModel { pd_reference: Vec::new(), ..model };
        let subject = saved.comparison.as_ref().unwrap().subject.clone();
        let by = WorkspaceModel::Opened(0);
        let saved = SavedWorkspace {
            models: vec![SavedModel { path: "C:\\models\\bank.bscope-model".to_owned(), model: opened }],
            scorings: vec![SavedScoring { by, subject, by_hand: None, earlier: None }],
            ..saved
        };
        let work = folder.path().join("work.bscope");
        save_workspace(&work, &saved).unwrap();
        let told = |model: Option<&str>| document(&work, WRITTEN, model, 2).map(|document| document.html());
        let compared = told(None).unwrap();
        let headline = saved.comparison.as_ref().unwrap().comparison.verdict.as_ref().unwrap().headline.clone();
        assert!(compared.contains(&headline) && compared == told(Some("logistic")).unwrap());
        let of_file = told(Some("bank.bscope-model")).unwrap();
        assert!(!of_file.contains(&headline), "the comparison is not about it");
        let refused = told(Some("svm")).unwrap_err();
        assert_eq!(refused.exit_code(), 2);
        assert!(refused.to_string().contains("it has logistic, bank.bscope-model"), "{refused}");
        // Without a comparison it is the one that firms were scored with.
        let scored = SavedWorkspace { comparison: None, ..saved };
        save_workspace(&work, &scored).unwrap();
        assert_eq!(told(None).unwrap(), of_file);
        assert_ne!(told(Some("logistic")).unwrap(), of_file);
    }

    #[test]
    fn a_saved_workspace_and_a_model_file_become_documents_with_their_files() {
        let folder = tempfile::tempdir().unwrap();
        let (saved, model) = workspace();
        let (work, alone) = (folder.path().join("work.bscope"), folder.path().join("firms.bscope-model"));
        save_workspace(&work, &saved).unwrap();
        save_model(&alone, &model).unwrap();
        let document_of = |file: &Path| document(file, WRITTEN, None, 2).unwrap();
        let (whole, of_model) = (document_of(&work), document_of(&alone));
        let html = whole.html();
        let verdict = saved.comparison.unwrap().comparison.verdict.unwrap();
        for words in [
            &verdict.headline[..],
            "Guarantor failed",
            "beliefscope compare",
            "not causes",
            "0.125",
            "logistic regression, seed 42",
        ] {
            assert!(html.contains(words), "{words}");
        }
        let names = |document: &Document| -> Vec<String> {
            let tables = document.tables().into_iter().map(|table| table.name.clone());
            tables.chain(document.pictures().into_iter().map(|picture| picture.name.clone())).collect()
        };
        let of_whole = names(&whole);
        for name in ["models", "importance", "dependence", "dependence_1", "overrides", "model_metrics", "csi"] {
            assert!(of_whole.iter().any(|other| other == name), "{name}");
        }
        for name in ["sample", "columns", "model_metrics", "model_grades", "settings", "monitoring", "versions"] {
            assert!(names(&of_model).iter().any(|other| other == name), "{name}");
        }
        let sub = |name: &str| folder.path().join(name);
        write_tables(&whole, &sub("tables")).unwrap();
        write_figures(&of_model, &sub("none"), [200, 150]).unwrap();
        assert!(sub("tables/models.csv").exists() && sub("tables/tables.xlsx").exists());
        let error = document(&sub("tables/models.csv"), WRITTEN, None, 1).unwrap_err();
        assert_eq!(error.exit_code(), 3);
        save_workspace(&work, &SavedWorkspace::default()).unwrap();
        assert!(
            document(&work, WRITTEN, None, 1)
                .unwrap_err()
                .to_string()
                .contains("neither a comparison nor a trained model")
        );
        // To look at: DOCUMENT_FOLDER=… cargo test a_saved_workspace.
        if let Some(folder) = std::env::var_os("DOCUMENT_FOLDER").map(PathBuf::from) {
            fs::write(folder.join("workspace.html"), html).unwrap();
            fs::write(folder.join("model.html"), of_model.html()).unwrap();
        }
    }
}

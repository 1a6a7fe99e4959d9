//! `beliefscope report`: the model document of a workspace or of a model, with its tables and figures as files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use clap::Args;

use super::output::{check_writable, note, write_document};
use super::train::open_model;
use super::{CliError, STANDING, now, training_error};
use crate::checks::Finding;
use crate::data::{Dataset, Progress, Roles, Source};
use crate::explanation::{Dependence, Importance, ImportanceSettings, dependence, importance};
use crate::report::{Compared, Document, ModelDocument, command_line, look, png, workbook};
use crate::scoring::RiskModel;
use crate::storage::{SavedComparison, SavedRun, SavedWorkspace, StoredError, Subject, load_workspace};
use crate::training::{Analysis, RunSettings, RunSpec, Standing, Study, analyse, stand_first, train_split, worker};

/// Indicators whose partial dependence is in the document: the most important ones.
const DEPENDENCE: usize = 8;

/// Arguments of `report`.
#[derive(Args, Clone, Debug, Default)]
pub struct ReportArguments {
    /// The workspace (.bscope) or the model (.bscope-model)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
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
    let document = worker::within(threads, || document(&arguments.file, threads))?;
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

fn document(path: &Path, threads: usize) -> Result<Document, CliError> {
    let workspace = match load_workspace(path) {
        Ok(workspace) => workspace,
        Err(StoredError::OtherKind { .. }) => {
            let model = open_model(path)?;
            return Ok(Document::new(&ModelDocument {
                written: &now(),
                model: Some(&model),
                ..ModelDocument::default()
            }));
        }
        Err(error) => return Err(CliError::Data(error.to_string())),
    };
    of_workspace(&workspace, path, threads)
}

/// An opened table of a workspace under its roles.
struct Opened {
    source: Source,
    data: Dataset,
}

impl Opened {
    fn new(workspace: &SavedWorkspace, subject: &Subject) -> Result<Self, CliError> {
        let table = workspace.tables.get(subject.table);
        let table = table.ok_or_else(|| CliError::Data("the workspace lacks the table of its results".to_owned()))?;
        let data_error = |error: &dyn std::fmt::Display| CliError::Data(error.to_string());
        let mut source = workspace.open_table(table, &Progress::new()).map_err(|e| data_error(&e))?;
        let data = source.dataset(&subject.roles).map_err(|e| data_error(&e))?;
        // What is told of the table is told of the roles that a person chose.
        source.guess.roles = subject.roles.clone();
        Ok(Self { source, data })
    }
}

/// What follows from a saved comparison, worked out again.
struct Again {
    opened: Opened,
    roles: Roles,
    spec: RunSpec,
    findings: Vec<Finding>,
    analysis: Option<Analysis>,
    standing: Vec<Standing>,
}

impl Again {
    fn new(workspace: &SavedWorkspace, saved: &SavedComparison, threads: usize) -> Result<Self, CliError> {
        let opened = Opened::new(workspace, &saved.subject)?;
        saved.check_rows(&opened.data).map_err(CliError::Data)?;
        let spec = checked(&saved.settings)?;
        let (data, stop) = (&opened.data, AtomicBool::new(false));
        let analysis = analyse(data, &spec, &saved.comparison, threads, &stop).map_err(|e| training_error(&e))?;
        let standing = stand_first(data, &spec, &saved.comparison, STANDING, &stop).map_err(|e| training_error(&e))?;
        let findings = look(&opened.source, &saved.subject.roles, data, &spec);
        let roles = saved.subject.roles.clone();
        Ok(Self { opened, roles, spec, findings, analysis, standing: standing.unwrap_or_default() })
    }
}

fn checked(settings: &RunSettings) -> Result<RunSpec, CliError> {
    settings.check().map_err(|problems| {
        CliError::Data(problems.first().map_or_else(String::new, |problem| format!("settings: {problem}")))
    })
}

fn of_workspace(workspace: &SavedWorkspace, path: &Path, threads: usize) -> Result<Document, CliError> {
    let saved = workspace.comparison.as_ref();
    let again = saved.map(|saved| Again::new(workspace, saved, threads)).transpose()?;
    let compared = saved.zip(again.as_ref()).map(|(saved, again)| Compared {
        source: &again.opened.source,
        data: &again.opened.data,
        spec: &again.spec,
        comparison: &saved.comparison,
        analysis: again.analysis.as_ref(),
        findings: &again.findings,
    });
    // A model of another table would make two documents in one.
    let run = workspace.run.as_ref().filter(|run| saved.is_none_or(|saved| saved.subject == run.subject));
    let trained = run.and_then(trained);
    let opened = || workspace.models.first().filter(|_| saved.is_none()).map(|model| &model.model);
    let model = trained.or_else(opened);
    if compared.is_none() && model.is_none() {
        return Err(CliError::Data(format!(
            "{} holds neither a comparison nor a trained model: compare or train in the window, and save it again.",
            path.display()
        )));
    }
    let explained = match run.zip(trained) {
        Some((run, model)) => explain(workspace, run, model)?,
        None => None,
    };
    let (importance, dependence) = explained.unzip();
    let is_same = |study: &&crate::storage::SavedStudy| saved.is_some_and(|saved| saved.subject == study.subject);
    let studies: Vec<&Study> = workspace.studies.iter().filter(is_same).map(|study| &study.study).collect();
    let command = again.as_ref().map(|a| command_line(&a.opened.source, &a.roles, &a.spec.settings));
    Ok(Document::new(&ModelDocument {
        written: &now(),
        model,
        compared: compared.as_ref(),
        command: command.as_deref(),
        standing: again.as_ref().map_or(&[], |again| &again.standing),
        studies: &studies,
        importance: importance.as_ref(),
        dependence: dependence.as_deref().unwrap_or_default(),
        overrides: &workspace.overrides,
    }))
}

/// The first model of a run that can be used.
fn trained(run: &SavedRun) -> Option<&RiskModel> {
    run.trained.iter().find_map(|trained| trained.model())
}

/// What the model rests on, worked out on the rows that its run held out; `None` where they cannot tell.
fn explain(
    workspace: &SavedWorkspace,
    run: &SavedRun,
    model: &RiskModel,
) -> Result<Option<(Importance, Vec<Dependence>)>, CliError> {
    let opened = Opened::new(workspace, &run.subject)?;
    let fold = train_split(&opened.data, &checked(&run.settings)?).map_err(|e| training_error(&e))?;
    let settings = ImportanceSettings { seed: run.settings.seed, ..ImportanceSettings::default() };
    let found = importance(model, &opened.data, &fold.test_rows, &settings, &|| false);
    let Ok(Some(importance)) = found else { return Ok(None) };
    let mut alone: Vec<_> = importance.alone.iter().collect();
    alone.sort_by(|a, b| b.auc.mean.total_cmp(&a.auc.mean));
    let names = alone.iter().filter_map(|one| importance.indicators.get(*one.indicators.first()?));
    let rows = &model.background;
    let curves = names.take(DEPENDENCE).filter_map(|name| dependence(model, rows, name).ok().flatten());
    let curves = curves.collect();
    Ok(Some((importance, curves)))
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
    use crate::data::{Combination, ReadOptions, RoleRequest};
    use crate::scoring::{DataRecord, Making, ReadAs};
    use crate::storage::{Override, SavedEnd, SavedTable, SavedTrained, save_model, save_workspace};
    use crate::training::{Control, History, LiveChanges, ModelKind, compare, train};

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
        let data = source.dataset(&source.guess.roles).unwrap();
        let models = vec![ModelKind::Logistic, ModelKind::Majority];
        let mut settings = RunSettings { models, ..RunSettings::default() };
        settings.validation.folds = 3;
        let spec = settings.check().unwrap();
        let comparison = compare(&data, &spec, 2, &[], &|_| (), &AtomicBool::new(false)).unwrap();
        let fold = train_split(&data, &spec).unwrap();
        let kind = ModelKind::Logistic;
        let (done, classifier) = train(&fold, &spec, kind, &LiveChanges::default(), &mut ToTheEnd).unwrap();
        let read_as = ReadAs { roles: source.guess.roles.clone(), ..ReadAs::default() };
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
        let subject = Subject { table: 0, roles: source.guess.roles.clone() };
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
    fn a_saved_workspace_and_a_model_file_become_documents_with_their_files() {
        let folder = tempfile::tempdir().unwrap();
        let (saved, model) = workspace();
        let (work, alone) = (folder.path().join("work.bscope"), folder.path().join("firms.bscope-model"));
        save_workspace(&work, &saved).unwrap();
        save_model(&alone, &model).unwrap();
        let document_of = |file: &Path| document(file, 2).unwrap();
        let (whole, of_model) = (document_of(&work), document_of(&alone));
        let html = whole.html();
        let verdict = saved.comparison.unwrap().comparison.verdict.unwrap();
        for words in [&verdict.headline[..], "Guarantor failed", "beliefscope compare", "not causes", "0.125"] {
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
        let error = document(&sub("tables/models.csv"), 1).unwrap_err();
        assert_eq!(error.exit_code(), 3);
        save_workspace(&work, &SavedWorkspace::default()).unwrap();
        assert!(document(&work, 1).unwrap_err().to_string().contains("neither a comparison nor a trained model"));
        // To look at: DOCUMENT_FOLDER=… cargo test a_saved_workspace.
        if let Some(folder) = std::env::var_os("DOCUMENT_FOLDER").map(PathBuf::from) {
            fs::write(folder.join("workspace.html"), html).unwrap();
            fs::write(folder.join("model.html"), of_model.html()).unwrap();
        }
    }
}

//! A model taken from a run, written down and read again, answers as the run did.

use super::*;
use crate::data::{Dataset, Fill, RoleRequest, Source};
use crate::model::calibration::CalibrationMethod;
use crate::training::{Control, LiveChanges, ModelKind, PreparedFold, RunSettings, RunSpec, train, train_split};

/// Lets a learner run to its end.
struct ToTheEnd;

impl Control for ToTheEnd {
    fn go_on(&mut self, _: &mut dyn crate::model::Learner, _: bool) -> bool {
        true
    }

    fn point(&mut self, _: crate::model::Point) {}
}

pub(crate) fn sample() -> (Source, Dataset) {
    let source = Source::sample(&RoleRequest::default()).unwrap();
    let data = source.dataset(&source.guess.roles).unwrap();
    (source, data)
}

/// Few epochs of small nets.
pub(crate) fn quick() -> RunSettings {
    let mut settings = RunSettings::default();
    settings.dbn.layers = vec![6, 4];
    settings.dbn.nets = 2;
    settings.dbn.pre_training.epochs = Some(3);
    settings.dbn.fine_tuning.epochs = Some(5);
    settings.svm.tuning.on = false;
    settings.gbt.trees = 12;
    settings
}

pub(crate) fn made(
    kind: ModelKind,
    fold: &PreparedFold,
    spec: &RunSpec,
    source: &Source,
    data: &Dataset,
) -> (RiskModel, Vec<f64>) {
    let (done, classifier) = train(fold, spec, kind, &LiveChanges::default(), &mut ToTheEnd).unwrap();
    let record = DataRecord::new(source, data, ReadAs { roles: source.guess.roles.clone(), ..ReadAs::default() });
    let made = "2026-01-02T03:04:05Z".to_owned();
    let making = Making { fold, data, record, spec, classifier: classifier.as_ref(), done: &done, made };
    (RiskModel::new(making).unwrap(), done.scored.answers.pd.clone())
}

fn written_and_read(model: &RiskModel) -> RiskModel {
    let text = serde_json::to_string(model).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_model_comes_back_from_a_file_and_gives_the_probabilities_of_its_run() {
    let (source, data) = sample();
    for method in [CalibrationMethod::Platt, CalibrationMethod::Isotonic, CalibrationMethod::None] {
        let mut settings = quick();
        settings.calibration.method = method;
        settings.calibration.population_bad_rate = (method == CalibrationMethod::Platt).then_some(0.02);
        let spec = settings.check().unwrap();
        let fold = train_split(&data, &spec).unwrap();
        for kind in ModelKind::ALL {
            let (model, pd) = made(kind, &fold, &spec, &source, &data);
            let read = written_and_read(&model);
            assert_eq!(read, model, "{kind:?} {method:?}");
            read.check().unwrap();
            let x = read.inputs(&data, &fold.test_rows, &fold.test_rows);
            assert_eq!(read.pd(x.view()), pd, "{kind:?} {method:?}");
            assert_eq!(read.novelty.is_some(), kind == ModelKind::Dbn);
            assert_eq!(read.record.data.files, ["sample_enterprises.csv"]);
        }
    }
}

#[test]
fn the_linear_kernel_and_filling_by_an_rbm_are_kept_too() {
    let (source, data) = sample();
    let mut settings = quick();
    settings.svm.kernel = crate::model::svm::KernelKind::Linear;
    settings.preparation.missing.fill = Fill::Rbm;
    let spec = settings.check().unwrap();
    let fold = train_split(&data, &spec).unwrap();
    let (model, pd) = made(ModelKind::Svm, &fold, &spec, &source, &data);
    let read = written_and_read(&model);
    assert!(read == model && read.filling.is_some());
    let x = read.inputs(&data, &fold.test_rows, &fold.test_rows);
    assert_eq!(read.pd(x.view()), pd);
}

#[test]
fn references_by_hand() {
    let (source, data) = sample();
    let spec = quick().check().unwrap();
    let fold = train_split(&data, &spec).unwrap();
    let (model, _) = made(ModelKind::Dbn, &fold, &spec, &source, &data);
    let rows: Vec<usize> = fold.train_rows.iter().chain(&*fold.unlabelled_rows).copied().collect();
    for (column, indicator) in model.columns.iter().zip(&data.indicators) {
        let crate::data::Values::Numeric(cells) = &indicator.values else { panic!("numbers") };
        let mut present: Vec<f64> = rows.iter().map(|&row| cells[row]).filter(|x| !x.is_nan()).collect();
        present.sort_by(f64::total_cmp);
        assert_eq!(column.range(), Some([present[0], present[present.len() - 1]]));
        assert_eq!(column.missing, rows.len() - present.len());
        let ColumnValues::Number { bins, quantiles } = &column.values else { panic!("numbers") };
        assert_eq!(bins.iter().map(|bin| bin.rows).sum::<usize>(), present.len());
        let mut from = f64::NEG_INFINITY;
        for bin in bins {
            let to = bin.to.unwrap_or(f64::INFINITY);
            assert_eq!(bin.rows, present.iter().filter(|&&x| x > from && x <= to).count());
            from = to;
        }
        assert!(quantiles[50] >= present[present.len() / 2 - 1] && quantiles[50] <= present[present.len() / 2]);
    }
    // One in a hundred of the training rows is above the limit, and a firm far from all of them is.
    let novelty = model.novelty.as_ref().unwrap();
    let above = |x: &ndarray::Array2<f32>| {
        novelty.free_energy(x.view()).into_iter().filter(|&energy| novelty.is_novel(energy)).count()
    };
    let n = rows.len();
    let novel = above(&fold.training.x) + above(&fold.training.x_unlabelled);
    assert!((n / 100).abs_diff(novel) <= 1, "{novel} of {n}");
    let far = ndarray::Array2::from_elem((1, model.n_inputs()), 40.0);
    assert_eq!(above(&far), 1);
    assert_eq!(model.background.dim(), (100, model.n_inputs()));
    assert!(model.pd_reference.is_sorted() && !model.pd_reference.is_empty());
}

#[test]
fn what_does_not_fit_is_refused() {
    let (source, data) = sample();
    let spec = quick().check().unwrap();
    let fold = train_split(&data, &spec).unwrap();
    for kind in [ModelKind::Dbn, ModelKind::Svm, ModelKind::Gbt, ModelKind::Logistic] {
        let (model, _) = made(kind, &fold, &spec, &source, &data);
        let n_inputs = model.n_inputs();
        assert!(model.fitted.check(n_inputs).is_ok());
        // Trees may have no use for the last inputs.
        let too_few = if kind == ModelKind::Gbt { 0 } else { n_inputs - 1 };
        assert!(model.fitted.check(too_few).is_err(), "{kind:?}");
        let spoilt = RiskModel { threshold: f64::NAN, ..model.clone() };
        assert!(spoilt.check().unwrap_err().contains("probability"));
        let background = ndarray::Array2::zeros((1, n_inputs + 1));
        assert!(RiskModel { background, ..model }.check().is_err());
    }
}

#[test]
fn a_model_is_made_again_from_its_record_and_from_no_other_table() {
    let (source, data) = sample();
    let spec = quick().check().unwrap();
    let fold = train_split(&data, &spec).unwrap();
    let (model, _) = made(ModelKind::Dbn, &fold, &spec, &source, &data);
    let replayed = replay(&model, &source, &mut ToTheEnd).unwrap();
    assert_eq!(replayed.outcome, Replay::SameBits);
    assert!(replayed.metrics.iter().any(|(name, then, now)| name == "auc" && then == now && then.is_some()));

    // The record of another seed is another model.
    let mut other = model.clone();
    other.record.settings.seed += 1;
    assert_eq!(replay(&other, &source, &mut ToTheEnd).unwrap().outcome, Replay::Different);
    // A weight in the file that nobody learned.
    let mut touched = model.clone();
    let crate::model::FittedKind::Dbn(dbn) = &mut touched.fitted.answers else { panic!("a net") };
    dbn.nets[0].machines[0].w[[0, 0]] += 1e-3;
    assert_eq!(replay(&touched, &source, &mut ToTheEnd).unwrap().outcome, Replay::Different);

    let csv = b"a,b,default\n1,2,0\n3,1,1\n2,2,0\n5,1,1\n4,4,0\n";
    let another = Source::from_bytes(std::path::Path::new("x.csv"), csv, &RoleRequest::default()).unwrap();
    let error = replay(&model, &another, &mut ToTheEnd).unwrap_err();
    assert!(error.to_string().contains("x.csv is not the table"), "{error}");
}

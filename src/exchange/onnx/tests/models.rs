//! The whole graph against [`RiskModel::pd`].

use std::collections::HashMap;

use prost::Message as _;

use super::interpreter::{Tensor, outputs};
use super::tables::{input, opened, other};
use crate::data::{Dataset, Fill, Source};
use crate::exchange::onnx::messages::ModelProto;
use crate::exchange::{ExportError, OnnxModel};
use crate::model::calibration::CalibrationMethod;
use crate::model::dbn::SkipInput;
use crate::model::rbm::Hidden;
use crate::model::svm::KernelKind;
use crate::model::{Learner, Point};
use crate::scoring::{DataRecord, Making, ReadAs, RiskModel};
use crate::training::{Control, LiveChanges, ModelKind, RunSettings, train, train_split};

struct ToTheEnd;

impl Control for ToTheEnd {
    fn go_on(&mut self, _: &mut dyn Learner, _: bool) -> bool {
        true
    }

    fn point(&mut self, _: Point) {}
}

/// Few epochs of small nets.
fn quick() -> RunSettings {
    let mut settings = RunSettings::default();
    settings.dbn.layers = vec![6, 4];
    settings.dbn.nets = 3;
    settings.dbn.pre_training.epochs = Some(2);
    settings.dbn.fine_tuning.epochs = Some(8);
    settings.svm.tuning.on = false;
    settings.gbt.trees = 20;
    settings
}

fn trained(source: &Source, data: &Dataset, kind: ModelKind, settings: &RunSettings) -> RiskModel {
    let spec = settings.check().unwrap();
    let fold = train_split(data, &spec).unwrap();
    let (done, classifier) = train(&fold, &spec, kind, &LiveChanges::default(), &mut ToTheEnd).unwrap();
    let record = DataRecord::new(source, data, ReadAs::default());
    let made = "2026-01-02T03:04:05Z".to_owned();
    RiskModel::new(Making { fold: &fold, data, record, spec: &spec, classifier: &*classifier, done: &done, made })
        .unwrap()
}

/// The largest difference of a PD of `data` between the graph, read back from its bytes, and the model; classes and grades must
/// be those of the PD.
fn difference(model: &RiskModel, data: &Dataset) -> f64 {
    let file = OnnxModel::new(model).unwrap();
    let graph = ModelProto::decode(&*file.bytes).unwrap().graph.unwrap();
    let inputs = file.inputs.iter().map(|name| (name.input.clone(), input(data, &name.indicator))).collect();
    let found: HashMap<String, Tensor> = outputs(&graph, inputs);
    let (Tensor::F64(pd), Tensor::I64(class)) = (&found["pd"], &found["class"]) else { panic!("{found:?}") };
    let rows: Vec<usize> = (0..data.n_rows()).collect();
    let expected = model.pd(model.inputs(data, &rows, &rows).view());
    assert_eq!((pd.shape(), class.shape()), (&[rows.len(), 1][..], &[rows.len(), 1][..]));
    for ((row, &pd), class) in pd.iter().enumerate().zip(class) {
        assert_eq!(*class == 1, model.is_called_bad(pd), "row {row}");
        let grade = found.get("grade").map(|grade| match grade {
            Tensor::Text(grade) => grade[[row, 0]].chars().next().unwrap(),
            other => panic!("{other:?}"),
        });
        assert_eq!(grade, model.grade(pd), "row {row}");
    }
    pd.iter()
        .zip(&expected)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, |most, d| if d > most || d.is_nan() { d } else { most })
}

/// The PDs of the rows of `data` by the graph in a file that was exported of `model`.
pub(crate) fn pd_of_graph(file: &[u8], model: &RiskModel, data: &Dataset) -> Vec<f64> {
    let graph = ModelProto::decode(file).unwrap().graph.unwrap();
    let names = OnnxModel::new(model).unwrap().inputs;
    let inputs = names.iter().map(|name| (name.input.clone(), input(data, &name.indicator))).collect();
    match &outputs(&graph, inputs)["pd"] {
        Tensor::F64(pd) => pd.iter().copied().collect(),
        other => panic!("{other:?}"),
    }
}

fn assert_agrees(source: &Source, data: &Dataset, kind: ModelKind, settings: &RunSettings, what: &str) {
    let model = trained(source, data, kind, settings);
    for data in [data, &other(data)] {
        let difference = difference(&model, data);
        assert!(difference < 1e-5, "{kind:?}, {what}: {difference}");
    }
}

#[test]
fn every_model_with_every_calibration() {
    let (source, data) = opened(600, 4);
    for kind in ModelKind::ALL {
        for method in [CalibrationMethod::Platt, CalibrationMethod::Isotonic, CalibrationMethod::None] {
            let mut settings = quick();
            settings.calibration.method = method;
            settings.calibration.population_bad_rate = (method != CalibrationMethod::Platt).then_some(0.03);
            assert_agrees(&source, &data, kind, &settings, &format!("{method:?}"));
        }
    }
}

#[test]
fn every_kernel() {
    let (source, data) = opened(300, 5);
    for kernel in [KernelKind::Linear, KernelKind::Rbf, KernelKind::Polynomial, KernelKind::Sigmoid] {
        let mut settings = quick();
        settings.svm.kernel = kernel;
        assert_agrees(&source, &data, ModelKind::Svm, &settings, &format!("{kernel:?}"));
    }
}

#[test]
fn every_kind_of_net() {
    let (source, data) = opened(300, 6);
    for hidden in [Hidden::Bernoulli, Hidden::Gaussian, Hidden::Rectified] {
        for (nets, skip) in [(1, SkipInput::None), (1, SkipInput::Linear), (2, SkipInput::PiecewiseLinear)] {
            let mut settings = quick();
            settings.dbn.nets = nets;
            settings.dbn.fine_tuning.skip = skip;
            settings.dbn.pre_training.hidden = hidden;
            assert_agrees(&source, &data, ModelKind::Dbn, &settings, &format!("{hidden:?}, {nets}, {skip:?}"));
        }
    }
}

#[test]
fn sampled_fillings_are_refused_and_the_metadata_say_what_it_is() {
    let (source, data) = opened(200, 7);
    let mut settings = quick();
    settings.preparation.missing.fill = Fill::Rbm;
    let model = trained(&source, &data, ModelKind::Logistic, &settings);
    assert_eq!(OnnxModel::new(&model), Err(ExportError::Sampling));

    let model = trained(&source, &data, ModelKind::Logistic, &quick());
    let file = ModelProto::decode(&*OnnxModel::new(&model).unwrap().bytes).unwrap();
    let said = |key: &str| &file.metadata_props.iter().find(|entry| entry.key == key).unwrap().value;
    assert_eq!(said("beliefscope.threshold").parse(), Ok(model.threshold));
    assert_eq!(said("beliefscope.data_sha256"), &model.record.data.sha256);
    assert!(said("beliefscope.inputs").starts_with(r#"[{"input":"ratio","indicator":"ratio","kind":"number"}"#));
    let graph = file.graph.unwrap();
    let names: Vec<&str> = graph.input.iter().map(|input| input.name.as_str()).collect();
    assert_eq!(names, ["ratio", "tiny", "tied", "far", "industry", "age"]);
}

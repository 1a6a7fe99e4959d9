//! Nets one after another, models that learn further, and rows that are few or odd.

use ndarray::{Array2, Axis, concatenate};
use rand::RngExt as _;

use super::tests::weights;
use super::*;
use crate::model::Series;
use crate::model::rbm::Hidden;
use crate::random::stream;

/// Three uniform columns, labelled 1 in a bent region.
fn rows(n: usize, seed: u64) -> TrainingSet {
    let mut random = stream(seed, Purpose::Sample, 0);
    let x = Array2::from_shape_simple_fn((n, 3), || 4.0 * random.random::<f32>() - 2.0);
    let y = x.rows().into_iter().map(|r| usize::from(r[0] * r[1] + r[2] > 0.5)).collect();
    let x_unlabelled = Array2::from_shape_simple_fn((n / 3, 3), || 4.0 * random.random::<f32>() - 2.0);
    TrainingSet { x, y, x_unlabelled, n_classes: 2, groups: Vec::new() }
}

fn settings(nets: usize) -> DbnSettings {
    let mut settings = DbnSettings { layers: vec![6, 4], nets, ..DbnSettings::default() };
    settings.pre_training.epochs = Some(3);
    settings.fine_tuning.epochs = Some(4);
    settings.fine_tuning.batch_size = Some(16);
    settings
}

fn learner(set: &TrainingSet, settings: &DbnSettings, start: Start) -> DbnLearner {
    DbnLearner::new(&Arc::new(set.clone()), settings.check().unwrap(), start, 9).unwrap()
}

fn finish(learner: &mut DbnLearner) -> (StopReason, Vec<Point>) {
    let mut points = Vec::new();
    loop {
        if let Advance::Finished(reason) = learner.advance(&mut |p| points.push(p)) {
            return (reason, points);
        }
    }
}

#[test]
fn probabilities_are_the_mean_of_the_nets_trained_alone_on_their_folds() {
    let set = Arc::new(rows(90, 1));
    for start in [Start::PreTrained, Start::Random] {
        let parameters = settings(3).check().unwrap();
        let mut ensemble = learner(&set, &settings(3), start);
        finish(&mut ensemble);
        let mut mean = Array2::zeros((90, 2));
        for (k, rows) in folds::fold_rows(&set, 3, 9).into_iter().enumerate() {
            let seed = derived_seed(9, Purpose::Net, k as u64);
            let mut alone = NetTraining::new(&parameters, rows, start, &(Visible::Gaussian, None), NetOf::SINGLE, seed);
            let tunables = parameters.settings.tunables();
            while !matches!(
                alone.advance(PORTION, &parameters, &tunables, &mut 0, &mut |_, _| ()),
                Advance::Finished(_)
            ) {}
            let model = DbnModel { nets: vec![alone.so_far(&parameters)], rows_learned: 0 };
            mean += &(model.probabilities(set.x.view()) / 3.0);
        }
        let got = ensemble.classifier().probabilities(set.x.view());
        assert!(got.iter().zip(&mean).all(|(a, b)| (a - b).abs() < 1e-12), "{start:?}");
        // A score is the logit of the probability.
        for (score, p) in ensemble.classifier().scores(set.x.view()).iter().zip(got.rows()) {
            assert!((score - (p[1] / p[0]).ln()).abs() < 1e-9);
        }
    }
}

#[test]
fn phases_say_which_net_and_the_axis_goes_on() {
    let set = rows(60, 2);
    let mut l = learner(&set, &settings(2), Start::PreTrained);
    let (mut phases, mut xs) = (Vec::new(), Vec::new());
    while !matches!(l.advance(&mut |p| xs.push((p.x, p.series))), Advance::Finished(_)) {
        let phase = l.progress().phase.to_string();
        if phases.last() != Some(&phase) {
            phases.push(phase);
        }
    }
    let want = ["RBM 1", "RBM 2", "fine-tuning"];
    let of = |net: usize| want.iter().map(move |what| format!("Net {net} of 2 · {what}"));
    assert_eq!(phases, of(1).chain(of(2)).collect::<Vec<_>>());
    assert!(xs.is_sorted_by(|a, b| a.0 <= b.0));
    assert_eq!(xs.last().unwrap().0, 20.0);
    assert!(xs.iter().any(|(x, series)| *x > 10.0 && *series == Series::ReconstructionTraining(0)));
}

#[test]
fn few_rows_of_a_class_make_few_nets_and_it_is_said() {
    for (bad, nets) in [(1, 1), (2, 2), (3, 3)] {
        let mut set = rows(40, 3);
        set.y = (0..40).map(|i| usize::from(i < bad)).collect();
        let mut l = learner(&set, &settings(5), Start::PreTrained);
        finish(&mut l);
        assert_eq!(l.model().nets.len(), nets);
        let FitFacts::Dbn { best_epochs, .. } = l.facts() else { panic!("facts of a DBN") };
        let notices = l.notices();
        assert_eq!(best_epochs.len(), nets);
        assert!(
            notices[0].starts_with(&format!("{nets} net")) && notices[0].contains("the 5 asked for"),
            "{notices:?}"
        );
    }
}

#[test]
fn a_run_stopped_in_a_later_net_leaves_the_nets_so_far() {
    let set = rows(60, 4);
    let mut l = learner(&set, &settings(3), Start::PreTrained);
    while l.progress().phase != (Phase::PreTraining { net: NetOf { index: 1, of: 3 }, layer: 1 }) {
        l.advance(&mut |_| ());
    }
    assert_eq!(l.model().nets.len(), 1, "a net that has seen no label has no say");
    let FitFacts::Dbn { stop_reason, .. } = l.facts() else { panic!("facts of a DBN") };
    assert_eq!(stop_reason, StopReason::Stopped);
    assert_eq!(finish(&mut l).0, StopReason::Completed);
    assert_eq!(l.model().nets.len(), 3);
}

#[test]
fn a_model_learns_further_from_where_it_was() {
    let set = Arc::new(rows(90, 5));
    let new = Arc::new(rows(70, 6));
    let mut first = learner(&set, &settings(3), Start::PreTrained);
    finish(&mut first);
    let text = serde_json::to_string(&first.model()).unwrap();
    let model: DbnModel = serde_json::from_str(&text).unwrap();
    let before = first.classifier().probabilities(set.x.view());
    let parameters = settings(3).check().unwrap();
    let mut further = DbnLearner::resume(model.clone(), &new, parameters.clone(), 1).unwrap();
    for (was, is) in model.nets.iter().zip(&further.model().nets) {
        assert_eq!(was.network.layers, is.network.layers, "nothing is done yet");
    }
    let (reason, points) = finish(&mut further);
    assert_eq!(reason, StopReason::Completed);
    assert!(points.iter().all(|p| !matches!(p.series, Series::ReconstructionTraining(_))), "no pre-training");
    assert_ne!(further.classifier().probabilities(set.x.view()), before);
    assert_eq!((further.model().nets.len(), further.model().rows_learned), (3, 160));
    let FitFacts::Dbn { rows_before, pretrain_epochs, .. } = further.facts() else { panic!("facts of a DBN") };
    assert_eq!((rows_before, pretrain_epochs), (90, 0));
    let other = Arc::new(TrainingSet { n_classes: 3, ..rows(70, 6) });
    let error = DbnLearner::resume(model, &other, parameters, 1).err().unwrap();
    assert!(error.to_string().contains("knows 2 classes"), "{error}");
}

#[test]
fn rows_without_a_label_change_pre_training_and_not_who_is_set_apart() {
    let set = rows(60, 7);
    let more = TrainingSet { x_unlabelled: concatenate![Axis(0), set.x_unlabelled, rows(90, 8).x], ..set.clone() };
    let apart = |set: &TrainingSet| {
        let nets = folds::fold_rows(&Arc::new(set.clone()), 3, 9);
        nets.iter().map(|rows| (rows.fit().to_vec(), rows.validation().to_vec())).collect::<Vec<_>>()
    };
    assert_eq!(apart(&set), apart(&more));
    // The edges of a piecewise linear skip input are those of all rows.
    let mut plain = settings(1);
    plain.fine_tuning.skip = SkipInput::Linear;
    let trained = |set: &TrainingSet, start| {
        let mut l = learner(set, &plain, start);
        finish(&mut l);
        weights(&l)
    };
    assert_ne!(trained(&set, Start::PreTrained), trained(&more, Start::PreTrained));
    assert_eq!(trained(&set, Start::Random), trained(&more, Start::Random));
}

#[test]
fn odd_rows_and_sizes_end_with_finite_answers() {
    let mut constant = rows(50, 10);
    constant.x.column_mut(1).fill(3.0);
    constant.x_unlabelled.column_mut(1).fill(3.0);
    let mut lonely = rows(30, 11);
    lonely.y = (0..30).map(|i| usize::from(i == 7)).collect();
    let odd = |batch: usize| {
        let mut odd = settings(2);
        odd.pre_training.batch_size = Some(batch);
        odd.fine_tuning.batch_size = Some(batch);
        odd
    };
    // 42 rows of which a net learns from 21: batches of 20 leave one row over.
    for (name, set, settings) in [
        ("constant column", constant, settings(3)),
        ("one bad row", lonely, settings(3)),
        ("batch larger than n", rows(20, 12), odd(1000)),
        ("n mod batch = 1", TrainingSet { x_unlabelled: Array2::zeros((0, 3)), ..rows(42, 13) }, odd(20)),
    ] {
        let mut l = learner(&set, &settings, Start::PreTrained);
        let (reason, points) = finish(&mut l);
        assert!(matches!(reason, StopReason::Completed | StopReason::EarlyStopped), "{name}: {reason}");
        assert!(points.iter().all(|p| p.y.is_finite()), "{name}");
        let model = l.classifier();
        assert!(model.probabilities(set.x.view()).iter().all(|p| p.is_finite()), "{name}");
        assert!(model.scores(set.x.view()).iter().all(|s| s.is_finite()), "{name}");
    }
}

#[test]
fn every_kind_of_machine_is_trained() {
    let mut set = rows(80, 14);
    for (i, mut row) in set.x.rows_mut().into_iter().enumerate() {
        row[2] = if i % 3 == 0 { 2.0 } else { -0.5 };
    }
    set.x_unlabelled.column_mut(2).fill(2.0);
    type Change = (&'static str, fn(&mut PreTrainingSettings));
    let changes: [Change; 11] = [
        ("mixed", |p| p.visible = VisibleUnits::Mixed),
        ("bernoulli", |p| p.visible = VisibleUnits::Bernoulli),
        ("learned σ", |p| p.learned_sigma = true),
        ("persistent", |p| p.method = Method::Pcd),
        ("tempered", |p| (p.method, p.temperatures) = (Method::Tempering, 3)),
        ("centred", |p| p.centred = true),
        ("sparse", |p| p.sparsity_cost = 0.1),
        ("Gaussian hidden", |p| p.hidden = Hidden::Gaussian),
        ("rectified hidden", |p| p.hidden = Hidden::Rectified),
        ("joint", |p| p.top = Top::Joint),
        ("limited", |p| p.update_limit = Some(1e-5)),
    ];
    let plain = {
        let mut l = learner(&set, &settings(1), Start::PreTrained);
        finish(&mut l);
        weights(&l)
    };
    for (name, change) in changes {
        let mut settings = settings(1);
        change(&mut settings.pre_training);
        let mut l = learner(&set, &settings, Start::PreTrained);
        assert_eq!(finish(&mut l).0, StopReason::Completed, "{name}");
        assert_ne!(weights(&l), plain, "{name} does something");
        assert!(l.classifier().scores(set.x.view()).iter().all(|s| s.is_finite()), "{name}");
    }
}

#[test]
fn the_net_takes_inputs_as_they_are_whatever_the_machine_was_shown() {
    let mut set = rows(80, 15);
    set.x.column_mut(0).mapv_inplace(|x| if x > 0.0 { 5.0 } else { -3.0 });
    set.x_unlabelled.column_mut(0).fill(5.0);
    let mut mixed = settings(1);
    mixed.pre_training.visible = VisibleUnits::Mixed;
    let mut l = learner(&set, &mixed, Start::PreTrained);
    while !l.current.is_fine_tuned() {
        l.advance(&mut |_| ());
    }
    let net = l.current.so_far(&l.parameters);
    let mut shown = set.x.clone();
    net.map.unwrap().apply(&mut shown);
    let want = net.machines[0].hidden_mean(&shown);
    let got = &net.network.hidden(&set.x)[0];
    assert!(got.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-5));
}

#[test]
fn a_joint_machine_learns_the_label_and_starts_the_output_layer() {
    let set = rows(240, 16);
    let mut joint = settings(1);
    joint.pre_training.epochs = Some(60);
    joint.pre_training.gaussian_rate = 0.02;
    joint.pre_training.bernoulli_rate = 0.1;
    joint.pre_training.top = Top::Joint;
    let mut l = learner(&set, &joint, Start::PreTrained);
    while !l.current.is_fine_tuned() {
        l.advance(&mut |_| ());
    }
    let net = l.current.so_far(&l.parameters);
    let (top, output) = (net.top.unwrap(), net.network.layers.last().unwrap().clone());
    assert_eq!((net.machines.len(), top.rbm().n_visible()), (1, 6 + 2));
    for class in 0..2 {
        assert_eq!(output.w.column(class), top.rbm().w.row(6 + class));
        assert_eq!(output.b[class], top.rbm().b[6 + class]);
    }
    assert_eq!(net.network.hidden(&set.x)[1].dim(), (240, 4));
    let features = net.machines[0].hidden_mean(&set.x);
    let p = top.probabilities(&features).unwrap();
    let loss: f64 = set.y.iter().enumerate().map(|(i, &y)| -p[[i, y]].ln()).sum::<f64>() / 240.0;
    let share = set.y.iter().sum::<usize>() as f64 / 240.0;
    let floor = -(share * share.ln() + (1.0 - share) * (1.0 - share).ln());
    assert!(loss < floor, "by free energy {loss}, by the share of each class {floor}");
}

#[test]
fn annealing_agrees_with_the_exact_log_likelihood() {
    let set = TrainingSet { x_unlabelled: Array2::zeros((0, 3)), ..rows(120, 17) };
    let mut l = learner(&set, &settings(1), Start::PreTrained);
    assert!(l.state().unwrap().annealing(0).is_none(), "nothing is finished");
    finish(&mut l);
    let state = l.state().unwrap();
    for layer in 0..2 {
        let mut annealing = state.annealing(layer).unwrap();
        while annealing.advance() {}
        assert_eq!(annealing.progress(), 1.0);
        let estimate = annealing.log_likelihood().unwrap();
        let net = &l.model().nets[0];
        let exact = crate::model::rbm::Exact::new(&net.machines[layer]);
        let mut shown = set.x.clone();
        for machine in &net.machines[..layer] {
            shown = machine.hidden_mean(&shown);
        }
        let fit = folds::single_rows(&Arc::new(set.clone()), 0.2, 9);
        let of = |rows: &[rows::Row]| {
            let chosen: Vec<usize> = rows.iter().map(|&row| row as usize).collect();
            exact.log_likelihood(&shown.select(Axis(0), &chosen), exact.log_z().unwrap()).unwrap()
        };
        assert!((estimate.training - of(fit.fit())).abs() < 0.05, "{estimate:?}");
        assert!((estimate.validation.unwrap() - of(fit.validation())).abs() < 0.05);
        assert!(estimate.effective_chains > 50.0);
    }
    assert!(state.annealing(2).is_none());
}

#[test]
fn watching_says_what_it_saw_and_changes_nothing() {
    let set = rows(300, 18);
    let mut settings = settings(1);
    settings.pre_training.epochs = Some(20);
    let mut watched = learner(&set, &settings, Start::PreTrained);
    let mut plain = learner(&set, &settings, Start::PreTrained);
    let (_, points) = finish(&mut plain);
    loop {
        let seen = watched.monitors();
        assert!(seen.layers.iter().all(|layer| layer.dead <= layer.units));
        if matches!(watched.advance(&mut |_| ()), Advance::Finished(_)) {
            break;
        }
    }
    assert_eq!(weights(&watched), weights(&plain));
    let seen = plain.monitors();
    assert_eq!(seen.layers.iter().map(|layer| layer.units).collect::<Vec<_>>(), [6, 4]);
    assert!((seen.predicted.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    let fine_tuning = |p: &&Point| p.x > 40.0 && p.series == Series::UpdateRatio(1);
    assert!(points.iter().filter(fine_tuning).all(|p| p.y > 0.0 && p.y < 0.1));
    assert!(points.iter().any(|p| fine_tuning(&p)));
    for series in [
        Series::ReconstructionValidation(1),
        Series::FreeEnergyTraining(0),
        Series::FreeEnergyValidation(0),
        Series::LogLikelihoodTraining(1),
        Series::UpdateRatio(0),
        Series::Saturation(0),
        Series::DeadUnits(1),
        Series::Predicted(0),
    ] {
        assert!(points.iter().any(|p| p.series == series), "{series:?}");
    }
}

#[test]
fn a_second_thread_changes_no_bit() {
    let set = rows(220, 19);
    let mut wide = settings(2);
    wide.layers = vec![400, 300];
    wide.pre_training.epochs = Some(1);
    wide.pre_training.batch_size = Some(110);
    wide.fine_tuning.epochs = Some(1);
    wide.fine_tuning.batch_size = Some(110);
    let trained = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut l = learner(&set, &wide, Start::PreTrained);
            finish(&mut l);
            l.model()
        })
    };
    assert_eq!(trained(1), trained(2));
}

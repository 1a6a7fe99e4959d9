//! The lanes from end to end: whatever the window does, the numbers are those of an undisturbed run.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::*;
use crate::data::{Dataset, RoleRequest, guess, profile, read, sample_csv};
use crate::model::dbn::Moment;
use crate::model::{FitFacts, Learner, Phase, Point, Series, StopReason};
use crate::training::{
    CompareEvent, Comparison, Control, Desired, End, Event, Fit, History, Mode, ModelDone, ModelKind, Recording,
    RunSettings, compare, train, train_split,
};

fn sample() -> Arc<Dataset> {
    let (table, _) = read(sample_csv("enterprises").unwrap().as_bytes()).unwrap();
    let profiles = profile(&table);
    let guess = guess(&table, &profiles, &RoleRequest::default()).unwrap();
    Arc::new(Dataset::from_table(&table, &guess.roles).unwrap())
}

fn quick() -> RunSettings {
    let models = vec![ModelKind::Dbn, ModelKind::Svm, ModelKind::Majority];
    let mut settings = RunSettings { models, ..RunSettings::default() };
    settings.svm.tuning.on = false;
    settings.dbn.layers = vec![10, 6];
    settings.dbn.nets = 1;
    settings.dbn.pre_training.epochs = Some(3);
    settings.dbn.fine_tuning.epochs = Some(5);
    settings
}

fn start(settings: &RunSettings, mode: Mode) -> Training {
    let desired =
        Desired { mode, steps: 0, tunables: settings.dbn.tunables(), pace: None, look: true, skip_search: false };
    Training::start(sample(), settings.check().unwrap(), desired, Box::new(|| ())).unwrap()
}

/// Drains until `enough` is true of all events so far.
fn until(training: &Training, events: &mut Vec<Event>, enough: impl Fn(&[Event]) -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !enough(events) {
        assert!(Instant::now() < deadline, "waited too long; {} events", events.len());
        events.extend(training.drain());
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn ended(events: &[Event]) -> bool {
    matches!(events.last(), Some(Event::Ended(_)))
}

fn history(events: &[Event]) -> History {
    let mut history = History::default();
    for event in events {
        history.take(event);
    }
    history
}

fn scores(events: &[Event]) -> Vec<Vec<f64>> {
    let of = |e: &Event| match e {
        Event::ModelDone(done) => Some([done.scored.answers.score.clone(), done.scored.answers.pd.clone()].concat()),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

fn undisturbed(settings: &RunSettings) -> Vec<Event> {
    let training = start(settings, Mode::Run);
    let mut events = Vec::new();
    until(&training, &mut events, ended);
    assert_eq!(events.last(), Some(&Event::Ended(End::Finished)));
    events
}

#[test]
fn pauses_steps_and_a_pace_leave_every_bit_as_it_was() {
    let settings = quick();
    let plain = undisturbed(&settings);
    assert_eq!(scores(&plain).len(), 3);
    let training = start(&settings, Mode::Pause);
    let mut events = Vec::new();
    let curve = |e: &[Event]| history(e).curve(ModelKind::Dbn, Series::ReconstructionTraining(0)).len();
    for step in 1..=2 {
        training.ask(|d| d.steps += 1);
        until(&training, &mut events, |e| curve(e) >= step);
        std::thread::sleep(Duration::from_millis(20));
        events.extend(training.drain());
        assert_eq!(curve(&events), step, "a step is one epoch and no more");
    }
    training.ask(|d| (d.mode, d.pace) = (Mode::Run, Some(200.0)));
    until(&training, &mut events, |e| history(e).curve(ModelKind::Dbn, Series::LossTraining).len() >= 2);
    training.ask(|d| d.mode = Mode::Pause);
    std::thread::sleep(Duration::from_millis(10));
    training.ask(|d| (d.mode, d.pace) = (Mode::Run, None));
    until(&training, &mut events, ended);
    assert_eq!(history(&events), history(&plain));
    assert_eq!(scores(&events), scores(&plain));
}

/// With all wall times 0.
fn timeless(mut comparison: Comparison) -> Comparison {
    for fold in comparison.models.iter_mut().flat_map(|m| &mut m.folds) {
        fold.fit = Arc::new(Fit { fit_seconds: 0.0, score_seconds: 0.0, ..(*fold.fit).clone() });
    }
    comparison
}

#[test]
fn the_comparison_is_the_same_on_any_number_of_threads() {
    let data = sample();
    let mut settings = quick();
    settings.models = vec![ModelKind::Dbn, ModelKind::Svm, ModelKind::Mlp];
    settings.validation.folds = 3;
    let spec = settings.check().unwrap();
    let run = |threads| timeless(compare(&data, &spec, threads, &[], &|_| (), &AtomicBool::new(false)).unwrap());
    let one = run(1);
    assert_eq!(one, run(3));
    assert_eq!(one.models.len(), 3);
    assert!(one.models.iter().all(|m| m.folds.len() == 3));
    assert!(one.verdict.is_some() && !one.stopped);
}

#[test]
fn stopping_keeps_the_model_so_far_and_ends_the_run() {
    let mut settings = quick();
    settings.dbn.fine_tuning.epochs = Some(10_000);
    let training = start(&settings, Mode::Run);
    let mut events = Vec::new();
    until(&training, &mut events, |e| history(e).curve(ModelKind::Dbn, Series::LossTraining).len() > 3);
    training.ask(|d| d.mode = Mode::Stop);
    until(&training, &mut events, ended);
    assert_eq!(events.last(), Some(&Event::Ended(End::Stopped)));
    let done: Vec<_> = events.iter().filter(|e| matches!(e, Event::ModelDone(_))).collect();
    assert_eq!(done.len(), 1);
    let Event::ModelDone(done) = done[0] else { panic!("done") };
    assert_eq!(done.stop_reason, StopReason::Stopped);
    assert!(done.scored.metrics.auc.is_some());
    let FitFacts::Dbn { best_epochs, .. } = &done.facts else { panic!("facts of a DBN") };
    assert!(best_epochs[0] > 0);
}

#[test]
fn a_run_that_is_held_is_recorded_as_far_as_it_has_come() {
    let settings = quick();
    let training = start(&settings, Mode::Pause);
    let (mut events, recording) = (Vec::new(), training.recording());
    let mut held_at = |epochs: u64| {
        let at = Moment { epochs, updates: 0 };
        until(&training, &mut events, |_| recording.at_or_before(at).is_some_and(|kept| kept.moment() == at));
        assert_eq!((recording.end(), recording.is_over()), (Some(at), false));
    };
    held_at(0);
    for epochs in 1..=4 {
        training.ask(|d| d.steps += 1);
        held_at(epochs);
    }
    // A rate that is changed meanwhile holds from the next update.
    training.ask(|d| d.tunables.fine_tuning_rate = 0.5);
    let told = |recording: &Recording| recording.end_and_edits().is_some_and(|(_, edits)| edits.len() == 1);
    until(&training, &mut events, |_| told(&recording));
    training.ask(|d| d.mode = Mode::Stop);
    until(&training, &mut events, ended);
    assert_eq!((recording.end(), recording.is_over()), (Some(Moment { epochs: 4, updates: 0 }), true));
}

#[test]
fn the_net_is_seen_as_it_ended_whoever_looked_meanwhile() {
    let settings = quick();
    let training = start(&settings, Mode::Pause);
    training.ask(|d| (d.mode, d.look) = (Mode::Run, false));
    until(&training, &mut Vec::new(), ended);
    // Other models have come after it.
    let snapshot = training.snapshot().unwrap();
    assert_eq!(snapshot.model, ModelKind::Majority);
    let (state, monitors) = (snapshot.state.unwrap(), snapshot.monitors.unwrap());
    assert_eq!((state.phase(), Some(state.moment())), (Phase::Finished, training.recording().end()));
    assert_eq!((state.moment().epochs, monitors.layers.len()), (11, 2));
}

#[test]
fn a_changed_rate_reaches_the_learner_and_leaves_a_flag() {
    let settings = quick();
    let training = start(&settings, Mode::Pause);
    let mut events = Vec::new();
    training.ask(|d| d.steps += 1);
    until(&training, &mut events, |e| !history(e).is_empty());
    training.ask(|d| d.tunables.gaussian_rate = 0.05);
    until(&training, &mut events, |e| !history(e).flags.is_empty());
    training.ask(|d| d.mode = Mode::Run);
    until(&training, &mut events, ended);
    let tuned = history(&events);
    assert_eq!(tuned.flags[0].text, "RBM 1 rate 0.003 → 0.05");
    assert_eq!(tuned.flags[0].x, 1.0);
    let plain = history(&undisturbed(&settings));
    let series = Series::ReconstructionTraining(0);
    assert_eq!(tuned.curve(ModelKind::Dbn, series)[0], plain.curve(ModelKind::Dbn, series)[0]);
    assert_ne!(tuned.curve(ModelKind::Dbn, series)[2], plain.curve(ModelKind::Dbn, series)[2]);
}

#[test]
fn a_comparison_can_be_stopped_and_says_what_its_means_rest_on() {
    let data = sample();
    let mut settings = quick();
    settings.models = vec![ModelKind::Majority, ModelKind::Dbn];
    settings.dbn.fine_tuning.epochs = Some(10_000);
    let stop = AtomicBool::new(false);
    let observe = |event: CompareEvent<'_>| {
        if let CompareEvent::Cell { model: 1, state: crate::training::CellState::Running(share), .. } = event
            && share > 0.0
        {
            stop.store(true, Ordering::Relaxed);
        }
    };
    let result = compare(&data, &settings.check().unwrap(), 1, &[], &observe, &stop).unwrap();
    assert!(result.stopped);
    assert_eq!(result.models[0].folds.len(), 1);
    assert!(result.models[1].folds.is_empty());
    assert!(result.warnings.iter().any(|w| w.starts_with("Unfinished: 1 of 10 fits")), "{:?}", result.warnings);
}

#[test]
fn a_job_that_panics_is_an_error_and_the_others_are_done() {
    let done = AtomicUsize::new(0);
    let job = |i: usize| {
        assert!(i != 3, "job three");
        done.fetch_add(1, Ordering::Relaxed);
    };
    let result = parallel(8, 2, &job);
    assert!(matches!(&result, Err(TrainingError::Panic(text)) if text.contains("job three")), "{result:?}");
    assert_eq!(done.into_inner(), 7);
}

#[test]
fn a_search_that_is_ended_is_the_only_one_and_the_run_repeats() {
    let mut settings = quick();
    settings.svm.tuning.on = true;
    // Ends the search, if there is one, before the first portion of the first of `models`.
    let run = |models: &[ModelKind]| {
        let settings = RunSettings { models: models.to_vec(), ..settings.clone() };
        let training = start(&settings, Mode::Pause);
        let mut events = Vec::new();
        until(&training, &mut events, |events| events.iter().any(|event| matches!(event, Event::Phase { .. })));
        training.ask(|desired| (desired.skip_search, desired.mode) = (true, Mode::Run));
        until(&training, &mut events, ended);
        assert!(!training.desired().skip_search, "the wish is taken back");
        let done = events.into_iter().filter_map(|event| match event {
            Event::ModelDone(done) => Some(*done),
            _ => None,
        });
        (done.collect::<Vec<_>>(), settings.check().unwrap())
    };
    let (ended_early, spec) = run(&[ModelKind::Svm, ModelKind::Logistic]);
    let skipped = |done: &ModelDone| done.changes.search_skipped_after;
    assert_eq!(ended_early.iter().map(skipped).collect::<Vec<_>>(), [Some(0), None]);
    // During another model there is no search to end, and the one that follows is whole.
    let (whole, _) = run(&[ModelKind::Logistic, ModelKind::Svm]);
    assert_eq!(whole.iter().map(skipped).collect::<Vec<_>>(), [None, None]);
    assert_ne!(whole[1].facts, ended_early[0].facts);

    struct ToTheEnd;

    impl Control for ToTheEnd {
        fn go_on(&mut self, _: &mut dyn Learner, _: bool) -> bool {
            true
        }

        fn point(&mut self, _: Point) {}
    }

    let fold = train_split(&sample(), &spec).unwrap();
    let again = train(&fold, &spec, ModelKind::Svm, &ended_early[0].changes, &mut ToTheEnd).unwrap().0;
    assert_eq!(again, ended_early[0], "the record gives the same bits");
}

#[test]
fn an_abandoned_run_ends_by_itself() {
    let mut settings = quick();
    settings.dbn.fine_tuning.epochs = Some(10_000);
    let data = sample();
    let desired = Desired {
        mode: Mode::Run,
        steps: 0,
        tunables: settings.dbn.tunables(),
        pace: None,
        look: false,
        skip_search: false,
    };
    let training = Training::start(Arc::clone(&data), settings.check().unwrap(), desired, Box::new(|| ())).unwrap();
    drop(training);
    let deadline = Instant::now() + Duration::from_secs(30);
    while Arc::strong_count(&data) > 1 {
        assert!(Instant::now() < deadline, "the worker still holds the data");
        std::thread::sleep(Duration::from_millis(2));
    }
}

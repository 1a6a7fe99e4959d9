//! Every bundled lesson given to its end without a window: the player's asks are carried out by the engine, and what the
//! lesson says is held against what the engine did. The window's part is tested in `tests/ui`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ndarray::Array2;

use super::player::{Answer, Facts, Player, Question};
use crate::data::{Dataset, ReadOptions, RoleRequest, Source};
use crate::evaluation::Metric;
use crate::model::{Series, StopReason};
use crate::storage::{Action, Control, Lesson, LessonData, NetworkTab, RowChoice, StepAction, course};
use crate::training::worker::{Comparing, Training};
use crate::training::{
    CellState, Comparison, Desired, End, Event, History, Mode, ModelDone, ModelKind, RunSettings, Snapshot,
};

/// No step may take longer than this, however busy the machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// The engine where the window would be.
struct Classroom {
    data: Option<Arc<Dataset>>,
    settings: RunSettings,
    training: Option<Training>,
    comparing: Option<Comparing>,
    history: History,
    done: Vec<ModelDone>,
    snapshot: Option<Snapshot>,
    weights: Array2<f32>,
    ended: bool,
    shown: f64,
    comparison: Option<Comparison>,
    /// Asks that were carried out, for the record of the test.
    asked: Vec<StepAction>,
}

impl Classroom {
    fn new() -> Self {
        Self {
            data: None,
            settings: RunSettings::default(),
            training: None,
            comparing: None,
            history: History::default(),
            done: Vec::new(),
            snapshot: None,
            weights: Array2::zeros((0, 0)),
            ended: true,
            shown: 0.0,
            comparison: None,
            asked: Vec::new(),
        }
    }

    fn start(&mut self, mode: Mode) {
        let spec = self.settings.check().unwrap();
        let tunables = spec.settings.dbn.tunables();
        let desired = Desired { mode, steps: 0, tunables, pace: None, look: true, skip_search: false };
        let data = Arc::clone(self.data.as_ref().expect("a table is open"));
        self.training = Some(Training::start(data, spec, desired, Box::new(|| ())).unwrap());
        (self.history, self.snapshot, self.ended) = (History::default(), None, false);
        self.done.clear();
    }

    fn carry_out(&mut self, ask: StepAction) {
        self.asked.push(ask.clone());
        let action = match ask {
            StepAction::Open(LessonData::File(path)) => panic!("{} is no sample", path.display()),
            StepAction::Open(LessonData::Sample(name)) => {
                let source = Source::sample_named(name, &RoleRequest::default(), &ReadOptions::default()).unwrap();
                self.data = Some(Arc::new(source.dataset(&source.guess.roles).unwrap()));
                (self.training, self.comparing, self.ended) = (None, None, true);
                return;
            }
            StepAction::Settings(settings) => return self.settings = *settings,
            StepAction::Do(action) => action,
        };
        match action {
            Action::Train => self.start(Mode::Run),
            Action::Rewind => self.start(Mode::Pause),
            Action::Step(epochs) => self.training.as_ref().unwrap().ask(|desired| desired.steps += epochs),
            Action::Compare => {
                let spec = self.settings.check().unwrap();
                let data = Arc::clone(self.data.as_ref().unwrap());
                self.comparing = Some(Comparing::start(data, spec, 2, Vec::new(), Box::new(|| ())).unwrap());
            }
            // A recording is played in no time here.
            Action::Play(playing) => self.shown = playing.to as f64,
            Action::Scrub(epoch) => self.shown = epoch as f64,
            _ => {}
        }
    }

    fn drain(&mut self) {
        if let Some(training) = &self.training {
            for event in training.drain() {
                self.history.take(&event);
                match event {
                    Event::ModelDone(done) => self.done.push(*done),
                    Event::Ended(end) => {
                        assert_eq!(end, End::Finished);
                        self.ended = true;
                    }
                    _ => {}
                }
            }
            if let Some(snapshot) = training.snapshot() {
                if let Some(rbm) = snapshot.state.as_ref().and_then(|state| state.machines().first()) {
                    self.weights.clone_from(&rbm.w);
                }
                self.snapshot = Some(snapshot);
            }
        }
        if let Some(result) = self.comparing.as_ref().and_then(Comparing::result) {
            assert!(self.comparing.as_ref().unwrap().cells().iter().all(|&cell| cell == CellState::Done));
            (self.comparison, self.comparing) = (Some(result.unwrap()), None);
        }
    }

    fn facts(&self) -> Facts {
        let epochs = match &self.snapshot {
            _ if !self.done.is_empty() => f64::INFINITY,
            Some(snapshot) => snapshot.x,
            None => 0.0,
        };
        let (training, comparing) = (!self.ended, self.comparing.is_some());
        Facts { busy: false, training, epochs, comparing, playing: false, shown: self.shown }
    }

    fn done(&self, kind: ModelKind) -> &ModelDone {
        self.done.iter().find(|done| done.model == kind).unwrap()
    }

    /// The last value of a curve of the DBN.
    fn last(&self, series: Series) -> f64 {
        self.history.curve(ModelKind::Dbn, series).last().unwrap()[1]
    }

    /// The mean AUC of a compared model.
    fn auc(&self, kind: ModelKind) -> f64 {
        let comparison = self.comparison.as_ref().unwrap();
        comparison.model(kind).unwrap().summary(Metric::Auc).mean.unwrap()
    }
}

/// Does what the step asks for until nothing is left to wait for, always saying the first choice.
fn settle(player: &mut Player, room: &mut Classroom) {
    let since = Instant::now();
    loop {
        room.drain();
        while let Some(ask) = player.next_ask(&room.facts()) {
            room.carry_out(ask);
        }
        if player.is_held() {
            assert!(matches!(player.question(&room.facts()), Some(Question::Open(_))));
            player.answer(Answer::Chosen(0));
        } else if !player.is_waiting(&room.facts()) {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "{}, step {}", player.name(), player.place().0);
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Gives a lesson of the course; `at_end_of` is called with the number of each step, from 1, when all of it has happened.
fn give(number: usize, mut at_end_of: impl FnMut(usize, &Player, &Classroom)) {
    let mut player = Player::new(course()[number - 1].clone(), Some(number));
    let mut room = Classroom::new();
    loop {
        settle(&mut player, &mut room);
        at_end_of(player.place().0, &player, &room);
        if !player.forward(&room.facts()) {
            return;
        }
    }
}

/// A lesson given up to the end of a step, and then gone back in by one.
fn gone_back_from(number: usize, step: usize) -> (Player, Classroom) {
    let mut player = Player::new(course()[number - 1].clone(), Some(number));
    let mut room = Classroom::new();
    settle(&mut player, &mut room);
    while player.place().0 < step {
        assert!(player.forward(&room.facts()));
        settle(&mut player, &mut room);
    }
    room.asked.clear();
    player.back();
    settle(&mut player, &mut room);
    (player, room)
}

/// The answer that the step says is true.
fn truth(player: &Player) -> &str {
    let asked = player.step().predict.as_ref().unwrap();
    &asked.choices[asked.answer]
}

#[test]
fn lesson_1_what_an_rbm_is() {
    give(1, |step, player, room| match step {
        3 => assert_eq!(truth(player), "Much the same greys, whatever the picture"),
        4 => {
            let error = room.history.curve(ModelKind::Dbn, Series::ReconstructionTraining(0));
            assert!((0.23..0.27).contains(&error[0][1]) && error.last().unwrap()[1] < 0.05, "{error:?}");
        }
        5 => {
            assert_eq!(truth(player), "One whole column or row each");
            // Share of a unit's squared weights that lies in the line of pixels with the most of them; one in four is even.
            let in_one_line = |unit: usize| {
                let square = |pixel: usize| f64::from(room.weights[[pixel, unit]]).powi(2);
                let line = |first: usize, step: usize| (0..4).map(|k| square(first + k * step)).sum::<f64>();
                let best = (0..4).flat_map(|i| [line(4 * i, 1), line(i, 4)]).fold(0.0, f64::max);
                best / (0..16).map(square).sum::<f64>()
            };
            let tidy = (0..12).filter(|&unit| in_one_line(unit) > 0.6).count();
            assert!(tidy >= 7, "{tidy} of 12");
        }
        // Its caption says: read the weights.
        6 => assert_eq!(room.asked.last(), Some(&StepAction::Do(Action::Tab(NetworkTab::Weights)))),
        _ => {}
    });
}

#[test]
fn before_anything_is_learned_every_picture_comes_back_grey() {
    use crate::model::rbm::{Hidden, Rbm, Visible};
    let lesson = &course()[0];
    assert_eq!(lesson.settings.dbn.pre_training.hidden, Hidden::Bernoulli);
    let mut random = crate::random::stream(lesson.settings.seed, crate::random::Purpose::InitialWeights, 0);
    // No two pictures can differ more, and no two hidden states.
    let extremes = |n: usize| Array2::from_shape_fn((2, n), |(row, _)| row as f32);
    let rbm = Rbm::new(Visible::Bernoulli, 12, &extremes(16), &mut random);
    let drawn = rbm.visible_mean(&extremes(12));
    assert!(drawn.iter().all(|pixel| (pixel - 0.5).abs() < 0.05), "{drawn}");
}

#[test]
fn lesson_2_contrastive_divergence_by_hand() {
    give(2, |step, player, room| match step {
        1 => {
            let x = room.snapshot.as_ref().unwrap().x;
            assert!((x - 10.0).abs() < 1e-9 && !room.ended, "held after ten epochs, not {x}");
        }
        5 => assert_eq!(truth(player), "It grows"),
        6 => {
            let settings = &player.step().settings.dbn.pre_training;
            assert_eq!((settings.momentum, settings.first_momentum, settings.weight_cost), (0.0, 0.0, 0.0));
        }
        7 => {
            let ratio = room.history.curve(ModelKind::Dbn, Series::UpdateRatio(0));
            let late = ratio.iter().rfind(|point| point[0] <= 40.0).unwrap()[1];
            assert!(ratio[0][1] > 10.0 * late, "{} {late}", ratio[0][1]);
        }
        _ => {}
    });
}

#[test]
fn lesson_3_learning_rate_too_high() {
    let mut errors = Vec::new();
    give(3, |step, player, room| match step {
        1 | 2 | 5 => {
            assert_eq!(room.done(ModelKind::Dbn).stop_reason.key(), "completed");
            errors.push(room.last(Series::ReconstructionTraining(0)));
            if step == 2 {
                let early = room.history.curve(ModelKind::Dbn, Series::ReconstructionTraining(0));
                assert!(early.iter().any(|point| point[0] <= 8.0 && point[1] < errors[0]));
            }
        }
        3 => {
            assert_eq!(truth(player), "Run away in the first epoch");
            let done = room.done(ModelKind::Dbn);
            let StopReason::Diverged { phase, epoch, rate, try_rate } = &done.stop_reason else {
                panic!("{}", done.stop_reason)
            };
            assert_eq!((phase.as_str(), *epoch, *rate, *try_rate), ("RBM 1", 1, 1.0, 0.3));
        }
        _ => {}
    });
    let [slow, good, advised] = errors[..] else { panic!("{errors:?}") };
    assert!(good < 0.5 * slow && (advised / good - 1.0).abs() < 0.3, "{errors:?}");
}

#[test]
fn lesson_4_why_stack() {
    give(4, |step, player, room| {
        let accuracy = |kind| room.done(kind).scored.metrics.accuracy.unwrap();
        let [line, net, svm] = match step {
            2 | 7 => [ModelKind::Logistic, ModelKind::Dbn, ModelKind::Svm].map(accuracy),
            _ => return,
        };
        assert_eq!(truth(player), "All, or all but a few");
        assert!((0.35..0.65).contains(&line) && net > 0.93 && svm > 0.95, "{line} {net} {svm}");
        // Pre-training ends where the lesson scrubs to.
        let ends =
            room.history.phases_of(ModelKind::Dbn).into_iter().find(|mark| mark.phase.to_string() == "Fine-tuning");
        assert_eq!(ends.map(|mark| mark.x), Some(if step == 2 { 120.0 } else { 60.0 }));
    });
}

#[test]
fn lesson_5_does_pre_training_help() {
    let mut means = Vec::new();
    give(5, |step, player, room| {
        if step == 2 || step == 4 {
            assert_eq!(truth(player), "Neither can be named the better");
            let verdict = &room.comparison.as_ref().unwrap().verdict.as_ref().unwrap().headline;
            assert!(!verdict.contains(" is better") && !verdict.contains("is probably better"), "{verdict}");
            let [with, without] = [ModelKind::Dbn, ModelKind::Mlp].map(|kind| room.auc(kind));
            assert!((with - without).abs() < 0.01, "{with} {without}");
            means.push([with, without]);
        }
    });
    assert!((0..2).all(|i| means[1][i] < means[0][i]), "fewer labels, less to learn: {means:?}");
}

#[test]
fn lesson_6_dbn_against_svm() {
    let mut single = Vec::new();
    give(6, |step, player, room| match step {
        1 | 2 => single.push(room.done(ModelKind::Dbn).scored.metrics.auc.unwrap()),
        3 => {
            assert_eq!(truth(player), "The SVM is probably better");
            let verdict = &room.comparison.as_ref().unwrap().verdict.as_ref().unwrap().headline;
            assert!(verdict.starts_with("The SVM is probably better"), "{verdict}");
            let ahead = room.auc(ModelKind::Svm) - room.auc(ModelKind::Dbn);
            assert!((0.03..0.055).contains(&ahead), "{ahead}");
        }
        _ => {}
    });
    assert!((single[0] - single[1]).abs() > 0.02, "another split, another figure: {single:?}");
}

/// A lesson with these steps on the sample.
fn lesson(steps: &str) -> Lesson {
    let json = format!(
        r#"{{"schema":1,"title":"T","about":"A.","data":"enterprises","seed":7,"hidden":["seed"],"steps":[{steps}]}}"#
    );
    Lesson::parse(json.as_bytes(), std::path::Path::new("")).unwrap()
}

const STEPS: &str = r#"
    {"title":"One","caption":"c.","actions":[{"set":{"svm.c":2}},{"hide":["menu"]},"train"],"wait_for":"trained"},
    {"title":"Two","caption":"c.","actions":[{"show":["menu","seed"]},{"play":{"to":9,"speed":1}}],"wait_for":{"moment":9},
     "predict":{"question":"q","choices":["a","b"],"answer":"b","because":"c."}},
    {"title":"Three","caption":"c.","actions":[{"open":"enterprises"}]}"#;

fn asks(player: &mut Player, facts: &Facts) -> Vec<StepAction> {
    std::iter::from_fn(|| player.next_ask(facts)).collect()
}

#[test]
fn a_step_brings_about_its_beginning_and_then_does_what_it_says() {
    let mut player = Player::new(lesson(STEPS), None);
    let idle = Facts::default();
    assert!(player.next_ask(&Facts { busy: true, ..idle }).is_none() && player.is_waiting(&idle));
    let first = asks(&mut player, &idle);
    assert!(matches!(&first[..2], [StepAction::Open(LessonData::Sample("enterprises")), StepAction::Settings(_)]));
    assert!(matches!(&first[2], StepAction::Settings(settings) if settings.svm.c == 2.0));
    assert_eq!(first[4..], [StepAction::Do(Action::Train)]);
    assert_eq!(player.hidden(), [Control::Seed, Control::Menu]);

    let training = Facts { training: true, epochs: 3.0, ..idle };
    assert!(player.is_waiting(&training) && player.forward(&training));
    assert_eq!((player.place(), player.waits_for(&training).as_str()), ((1, 3), "until it is trained"));
    assert!(player.forward(&idle));
    assert_eq!(player.place(), (2, 3));

    // The settings as the step before left them, and nothing else before the answer.
    let before = asks(&mut player, &idle);
    assert!(matches!(&before[..], [StepAction::Settings(settings)] if settings.svm.c == 2.0));
    assert!(player.is_held() && player.forward(&idle));
    assert!(matches!(player.question(&idle), Some(Question::Open(_))));
    player.answer(Answer::Chosen(2));
    assert!(player.is_held(), "there is no third choice");
    player.answer(Answer::Chosen(0));
    player.answer(Answer::Skipped);
    assert_eq!(asks(&mut player, &training).len(), 1, "what is recorded is played when it is there");
    let recorded = Facts { epochs: 9.0, ..training };
    assert!(matches!(asks(&mut player, &recorded)[..], [StepAction::Do(Action::Play(_))]));
    assert_eq!(player.hidden(), []);
    let playing = Facts { playing: true, shown: 4.0, ..idle };
    assert!(matches!(player.question(&playing), Some(Question::Watching(_, Answer::Chosen(0)))));
    let seen = Facts { playing: true, shown: 9.0, ..idle };
    assert!(matches!(player.question(&seen), Some(Question::Told(_, Answer::Chosen(0)))));

    assert!(player.forward(&seen));
    // Nothing is opened to begin with: it is open.
    assert!(matches!(&asks(&mut player, &idle)[..], [StepAction::Settings(_), StepAction::Open(_)]));
    player.back();
    assert!(!player.is_held(), "a question is asked once");
    assert!(player.forward(&playing), "the recording has to be seen again");
    asks(&mut player, &idle);
    assert!(player.forward(&idle));
    asks(&mut player, &idle);
    assert!(!player.forward(&idle), "that was the last step");
    assert_eq!(player.name(), "Lesson · T");
}

#[test]
fn what_can_never_come_is_not_waited_for() {
    let mut player = Player::new(lesson(r#"{"title":"t","caption":"c.","wait_for":{"epoch":5}}"#), Some(4));
    asks(&mut player, &Facts::default());
    let training = Facts { training: true, ..Facts::default() };
    assert!(player.is_waiting(&training) && player.waits_for(&training) == "until epoch 5");
    assert!(!player.is_waiting(&Facts { epochs: 5.0, ..training }));
    assert!(!player.is_waiting(&Facts::default()), "it failed, or was stopped");
    assert_eq!(player.name(), "Lesson 4 · T");
}

#[test]
fn going_back_brings_back_the_run_that_the_caption_is_about() {
    // The update of a net held after ten epochs, from the net at its end.
    let (player, room) = gone_back_from(2, 7);
    assert_eq!(player.place().0, 6);
    assert!(!room.ended && (room.snapshot.as_ref().unwrap().x - 10.0).abs() < 1e-9);
    let place = |ask: &StepAction| matches!(ask, StepAction::Do(Action::Tab(NetworkTab::Theatre)));
    assert!(room.asked.iter().any(place) && room.asked.ends_with(&[StepAction::Do(Action::Theatre(6))]));
    // The run that failed, from the one that followed the advice.
    let (_, room) = gone_back_from(3, 5);
    assert!(matches!(room.done(ModelKind::Dbn).stop_reason, StopReason::Diverged { .. }));
    assert_eq!(room.settings.dbn.pre_training.gaussian_rate, 1.0);
    // Two layers, from one.
    let (mut player, mut room) = gone_back_from(4, 7);
    let layers = |room: &Classroom| room.snapshot.as_ref().map(|_| room.settings.dbn.layers.len());
    assert_eq!((layers(&room), room.done(ModelKind::Dbn).changes.edits.len()), (Some(2), 0));
    let epochs = |room: &Classroom| {
        let marks = room.history.phases_of(ModelKind::Dbn);
        marks.iter().find(|mark| mark.phase.to_string() == "Fine-tuning").map(|mark| mark.x)
    };
    assert_eq!(epochs(&room), Some(120.0));
    // The same run serves the step before; only the moment shown is another.
    room.asked.clear();
    player.back();
    settle(&mut player, &mut room);
    assert!(!room.asked.contains(&StepAction::Do(Action::Train)), "{:?}", room.asked);
    assert_eq!((player.place().0, room.shown), (5, 120.0));
    // The comparison with all labels, from the one with few.
    let (_, room) = gone_back_from(5, 4);
    assert!(room.comparison.is_some() && room.settings.validation.label_fraction.is_none());
    assert_eq!(room.asked.iter().filter(|ask| **ask == StepAction::Do(Action::Compare)).count(), 1);
}

#[test]
fn what_is_made_again_waits_for_what_it_rests_on() {
    let steps = r#"
        {"title":"One","caption":"c.","actions":[{"hide":["menu"]},{"look_at":{"row":3}},"rewind",{"step":5}],"wait_for":{"epoch":5}},
        {"title":"Two","caption":"c.","actions":[{"set":{"svm.c":2}},{"step":2},{"scrub":6}],"wait_for":{"epoch":7}},
        {"title":"Three","caption":"c.","actions":[{"theatre":2}]},
        {"title":"Four","caption":"c.","actions":[{"show":["menu"]},"train"]}"#;
    let mut player = Player::new(lesson(steps), None);
    let idle = Facts { epochs: 9.0, ..Facts::default() };
    for _ in 0..3 {
        asks(&mut player, &idle);
        assert!(player.forward(&idle));
    }
    asks(&mut player, &idle);
    assert_eq!(player.hidden(), [Control::Seed]);
    player.back();
    assert_eq!(player.hidden(), [Control::Seed, Control::Menu]);
    let held = |epochs: f64| Facts { training: true, epochs, ..Facts::default() };
    let first = asks(&mut player, &held(0.0));
    let [StepAction::Settings(_), rewind, StepAction::Settings(_), step] = &first[..] else { panic!("{first:?}") };
    assert_eq!([rewind, step], [&StepAction::Do(Action::Rewind), &StepAction::Do(Action::Step(5))]);
    assert!(player.is_waiting(&held(4.0)) && player.waits_for(&held(4.0)) == "until epoch 5");
    assert!(player.next_ask(&held(4.0)).is_none());
    let second = asks(&mut player, &held(5.0));
    assert!(matches!(&second[..], [StepAction::Settings(s), StepAction::Do(Action::Step(2))] if s.svm.c == 2.0));
    let last = asks(&mut player, &held(7.0));
    let wanted = [Action::LookAt(RowChoice::Row(3)), Action::Scrub(6), Action::Theatre(2)].map(StepAction::Do);
    assert!(matches!(last[0], StepAction::Settings(_)) && last[1..] == wanted, "{last:?}");
    // Nothing is made again where nothing has been made since.
    player.back();
    player.back();
    let there = asks(&mut player, &held(7.0));
    assert!(there.contains(&StepAction::Do(Action::Rewind)), "a step that begins a run begins it again");
}

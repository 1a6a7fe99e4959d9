//! Giving a lesson: which step it is at, what is to be done next, what is waited for, what was predicted.
//!
//! It does nothing itself: it is told how things stand ([`Facts`]) and says what is to be done ([`StepAction`]), one thing at a
//! time, so that the window and a test without one give a lesson alike.

use std::collections::VecDeque;

use crate::storage::{Action, Control, Lesson, LessonData, Playing, Predict, Step, StepAction, WaitFor};

/// How things stand where the lesson is given.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::app) struct Facts {
    /// A table is on its way: nothing can be asked for yet.
    pub(in crate::app) busy: bool,
    /// A training is under way, or held.
    pub(in crate::app) training: bool,
    /// Epochs that it has done, over all its phases.
    pub(in crate::app) epochs: f64,
    /// A comparison is under way.
    pub(in crate::app) comparing: bool,
    /// The recording is being played.
    pub(in crate::app) playing: bool,
    /// Epochs that the timeline shows.
    pub(in crate::app) shown: f64,
}

/// What was said when a question was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum Answer {
    /// This choice.
    Chosen(usize),
    /// Nothing: the question was skipped.
    Skipped,
}

/// A question as the class sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::app) enum Question<'a> {
    /// Not answered yet: nothing is done before.
    Open(&'a Predict),
    /// Answered; what it is about is going on.
    Watching(&'a Predict, Answer),
    /// Answered, and it has been seen.
    Told(&'a Predict, Answer),
}

/// A lesson that is being given.
#[derive(Debug)]
pub(in crate::app) struct Player {
    lesson: Lesson,
    /// Its number in the course, from 1.
    number: Option<usize>,
    step: usize,
    /// What brings about the state that the step begins with.
    setup: VecDeque<StepAction>,
    /// What the step itself still has to do.
    actions: VecDeque<StepAction>,
    /// By step.
    answers: Vec<Option<Answer>>,
    /// The table last asked for.
    data: Option<LessonData>,
    /// What is taken off the window now.
    hidden: Vec<Control>,
}

impl Player {
    /// Begins a lesson; `number` is its place in the course, if it has one.
    pub(in crate::app) fn new(lesson: Lesson, number: Option<usize>) -> Self {
        let answers = vec![None; lesson.steps.len()];
        let hidden = lesson.hidden.clone();
        let (setup, actions) = Default::default();
        let mut player = Self { lesson, number, step: 0, setup, actions, answers, data: None, hidden };
        player.enter(0);
        player
    }

    /// The lesson.
    pub(in crate::app) fn lesson(&self) -> &Lesson {
        &self.lesson
    }

    /// The step it is at.
    pub(in crate::app) fn step(&self) -> &Step {
        &self.lesson.steps[self.step]
    }

    /// Number of that step, from 1, and of how many.
    pub(in crate::app) fn place(&self) -> (usize, usize) {
        (self.step + 1, self.lesson.steps.len())
    }

    /// "Lesson 2 · Contrastive divergence by hand".
    pub(in crate::app) fn name(&self) -> String {
        let title = &self.lesson.title;
        self.number.map_or_else(|| format!("Lesson · {title}"), |number| format!("Lesson {number} · {title}"))
    }

    /// What is taken off the window.
    pub(in crate::app) fn hidden(&self) -> &[Control] {
        &self.hidden
    }

    /// The next thing to be done, if anything can be done now.
    pub(in crate::app) fn next_ask(&mut self, facts: &Facts) -> Option<StepAction> {
        if facts.busy {
            return None;
        }
        let ask = self.setup.pop_front().or_else(|| self.next_action(facts))?;
        match &ask {
            StepAction::Open(data) => self.data = Some(data.clone()),
            StepAction::Do(Action::Hide(controls)) => self.hidden.extend(controls),
            StepAction::Do(Action::Show(controls)) => self.hidden.retain(|control| !controls.contains(control)),
            StepAction::Settings(_) | StepAction::Do(_) => {}
        }
        Some(ask)
    }

    /// The next action of the step itself. What was recorded is shown once it is there.
    fn next_action(&mut self, facts: &Facts) -> Option<StepAction> {
        let needed = match self.actions.front()? {
            StepAction::Do(Action::Play(Playing { to: epoch, .. }) | Action::Scrub(epoch)) => *epoch,
            _ => 0,
        };
        let there = !facts.training || facts.epochs >= needed as f64;
        if self.is_held() || !there { None } else { self.actions.pop_front() }
    }

    /// Whether nothing may be trained or played: a question is open.
    pub(in crate::app) fn is_held(&self) -> bool {
        self.step().predict.is_some() && self.answers[self.step].is_none()
    }

    /// Whether something has to happen before the next step.
    pub(in crate::app) fn is_waiting(&self, facts: &Facts) -> bool {
        let left = !(self.setup.is_empty() && self.actions.is_empty());
        left || facts.busy
            || match self.step().wait_for {
                WaitFor::None => false,
                WaitFor::Trained => facts.training,
                WaitFor::Epoch(epoch) => facts.training && facts.epochs < epoch as f64,
                WaitFor::Comparison => facts.comparing,
                WaitFor::Moment(epoch) => facts.playing && facts.shown < epoch as f64,
            }
    }

    /// What is waited for, in words; empty when the next step can be gone to.
    pub(in crate::app) fn waits_for(&self, facts: &Facts) -> String {
        if self.is_held() {
            return "answer first, or skip".to_owned();
        }
        if !self.is_waiting(facts) {
            return String::new();
        }
        match self.step().wait_for {
            _ if facts.busy => "the table is being read".to_owned(),
            WaitFor::None => "one moment".to_owned(),
            WaitFor::Trained => "until it is trained".to_owned(),
            WaitFor::Epoch(epoch) | WaitFor::Moment(epoch) => format!("until epoch {epoch}"),
            WaitFor::Comparison => "until all models are compared".to_owned(),
        }
    }

    /// The question of this step, if it asks one.
    pub(in crate::app) fn question(&self, facts: &Facts) -> Option<Question<'_>> {
        let asked = self.step().predict.as_ref()?;
        Some(match self.answers[self.step] {
            None => Question::Open(asked),
            Some(answer) if self.is_waiting(facts) => Question::Watching(asked, answer),
            Some(answer) => Question::Told(asked, answer),
        })
    }

    /// Answers the question of this step, once.
    pub(in crate::app) fn answer(&mut self, answer: Answer) {
        let known = self.step().predict.as_ref().is_some_and(|asked| match answer {
            Answer::Chosen(choice) => choice < asked.choices.len(),
            Answer::Skipped => true,
        });
        let step = self.step;
        if known && self.answers[step].is_none() {
            self.answers[step] = Some(answer);
        }
    }

    /// Goes to the next step when nothing is waited for; `false` when this was the last.
    pub(in crate::app) fn forward(&mut self, facts: &Facts) -> bool {
        if self.is_held() || self.is_waiting(facts) {
            return true;
        }
        let more = self.step + 1 < self.lesson.steps.len();
        if more {
            self.enter(self.step + 1);
        }
        more
    }

    /// Goes back to the step before, whatever is waited for.
    pub(in crate::app) fn back(&mut self) {
        if self.step > 0 {
            self.enter(self.step - 1);
        }
    }

    fn enter(&mut self, step: usize) {
        self.step = step;
        let Step { actions, settings, data, .. } = &self.lesson.steps[step];
        // Settings always: somebody may have tried others.
        self.setup = VecDeque::from([StepAction::Settings(settings.clone())]);
        if self.data.as_ref() != Some(data) {
            self.setup.push_front(StepAction::Open(data.clone()));
        }
        self.actions = actions.iter().cloned().collect();
    }
}

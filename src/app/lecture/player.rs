//! Giving a lesson: which step it is at, what is to be done next, what is waited for, what was predicted.
//!
//! It does nothing itself: it is told how things stand ([`Facts`]) and says what is to be done ([`StepAction`]), one thing at a
//! time, so that the window and a test without one give a lesson alike.

use std::collections::VecDeque;

use super::beginning::{Beginning, Place, Work};
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

/// Something to be done.
#[derive(Debug)]
struct Ask {
    action: StepAction,
    /// Which action of the lesson it is, if it is one.
    of: Option<Place>,
    /// What has to have happened before.
    after: WaitFor,
}

impl From<StepAction> for Ask {
    fn from(action: StepAction) -> Self {
        Self { action, of: None, after: WaitFor::None }
    }
}

/// A lesson that is being given.
#[derive(Debug)]
pub(in crate::app) struct Player {
    lesson: Lesson,
    /// Its number in the course, from 1.
    number: Option<usize>,
    step: usize,
    /// What brings about the state that the step begins with.
    setup: VecDeque<Ask>,
    /// What the step itself still has to do.
    actions: VecDeque<Ask>,
    /// By step.
    answers: Vec<Option<Answer>>,
    /// The table last asked for.
    data: Option<LessonData>,
    /// What is taken off the window now.
    hidden: Vec<Control>,
    /// The actions that made the run there is, and the one that made the comparison.
    run: Vec<Place>,
    comparison: Option<Place>,
}

impl Player {
    /// Begins a lesson; `number` is its place in the course, if it has one.
    pub(in crate::app) fn new(lesson: Lesson, number: Option<usize>) -> Self {
        let answers = vec![None; lesson.steps.len()];
        let hidden = lesson.hidden.clone();
        let (setup, actions, run) = Default::default();
        let (data, comparison) = (None, None);
        let mut player = Self { lesson, number, step: 0, setup, actions, answers, data, hidden, run, comparison };
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
        let Ask { action, of, .. } = self.next_of_setup(facts).or_else(|| self.next_action(facts))?;
        match &action {
            StepAction::Open(data) => {
                self.data = Some(data.clone());
                (self.run, self.comparison) = Default::default();
            }
            StepAction::Do(Action::Hide(controls)) => self.hidden.extend(controls),
            StepAction::Do(Action::Show(controls)) => self.hidden.retain(|control| !controls.contains(control)),
            StepAction::Do(Action::Train | Action::Rewind) => self.run = of.into_iter().collect(),
            StepAction::Do(Action::Step(_) | Action::Pause) => self.run.extend(of),
            StepAction::Do(Action::Compare) => self.comparison = of,
            StepAction::Settings(_) | StepAction::Do(_) => {}
        }
        Some(action)
    }

    /// The next thing that brings about the beginning of the step.
    fn next_of_setup(&mut self, facts: &Facts) -> Option<Ask> {
        self.setup.pop_front_if(|ask| ask.can_be_done(facts))
    }

    /// The next action of the step itself, after its beginning was brought about.
    fn next_action(&mut self, facts: &Facts) -> Option<Ask> {
        if self.is_held() || !self.setup.is_empty() {
            return None;
        }
        self.actions.pop_front_if(|ask| ask.can_be_done(facts))
    }

    /// Whether nothing may be trained or played: a question is open.
    pub(in crate::app) fn is_held(&self) -> bool {
        self.step().predict.is_some() && self.answers[self.step].is_none()
    }

    /// Whether something has to happen before the next step.
    pub(in crate::app) fn is_waiting(&self, facts: &Facts) -> bool {
        let left = !(self.setup.is_empty() && self.actions.is_empty());
        left || facts.busy || is_awaited(self.step().wait_for, facts)
    }

    /// What is waited for, in words; empty when the next step can be gone to.
    pub(in crate::app) fn waits_for(&self, facts: &Facts) -> String {
        if self.is_held() {
            return "answer first, or skip".to_owned();
        }
        if !self.is_waiting(facts) {
            return String::new();
        }
        match self.setup.front().map_or(self.step().wait_for, |ask| ask.after) {
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

    /// Goes back to the step before, whatever is waited for. What later steps have trained or compared is made again as it
    /// was when that step began, and what is shown is what it began with.
    pub(in crate::app) fn back(&mut self) {
        if self.step > 0 {
            self.enter(self.step - 1);
            self.restore();
        }
    }

    fn enter(&mut self, step: usize) {
        self.step = step;
        let Step { actions, settings, data, .. } = &self.lesson.steps[step];
        // Settings always: somebody may have tried others.
        self.setup = VecDeque::from([StepAction::Settings(settings.clone()).into()]);
        if self.data.as_ref() != Some(data) {
            self.setup.push_front(StepAction::Open(data.clone()).into());
        }
        let own = |(i, action): (usize, &StepAction)| Ask { of: Some((step, i)), ..action.clone().into() };
        self.actions = actions.iter().enumerate().map(own).collect();
    }

    /// Lets the setup bring about the beginning of the step, from whatever came after it.
    fn restore(&mut self) {
        let (before, step) = (&self.lesson.steps[..self.step], &self.lesson.steps[self.step]);
        let begins = Beginning::after(before, &self.lesson.hidden);
        let own = |wanted: fn(&Action) -> bool| {
            step.actions.iter().any(|action| matches!(action, StepAction::Do(action) if wanted(action)))
        };
        let own_run = own(|action| matches!(action, Action::Train | Action::Rewind));
        let own_comparison = own(|action| matches!(action, Action::Compare));
        let other_data = self.data.as_ref() != Some(&step.data);
        let mut again: Vec<&Work<'_>> = Vec::new();
        if !own_run && (other_data || begins.run.iter().map(|work| work.place).ne(self.run.iter().copied())) {
            again.extend(&begins.run);
        }
        if !own_comparison {
            let is_there = |work: &&Work<'_>| !other_data && self.comparison == Some(work.place);
            again.extend(begins.comparison.iter().filter(|work| !is_there(work)));
        }
        // The settings of the step itself hold last.
        let last = self.setup.pop_back();
        let mut done: Option<&Work<'_>> = None;
        for work in again {
            // As when the lesson came by: one step after the other.
            let of_earlier_step = done.filter(|done| done.place.0 != work.place.0);
            let after = of_earlier_step.map_or(WaitFor::None, |done| done.wait_for);
            let settings = StepAction::Settings(Box::new(work.settings.clone()));
            self.setup.push_back(Ask { after, ..settings.into() });
            let action = StepAction::Do(work.action.clone());
            self.setup.push_back(Ask { action, of: Some(work.place), after });
            done = Some(work);
        }
        let after = done.map_or(WaitFor::None, |done| done.wait_for);
        let moment = match begins.moment {
            _ if own_run || begins.run.is_empty() => None,
            Some(epochs) => Some(Action::Scrub(epochs)),
            None => Some(Action::Live),
        };
        let shown = [begins.place.cloned(), begins.row.cloned(), begins.sub_step.cloned(), moment];
        let shown = shown.into_iter().flatten().map(|action| StepAction::Do(action).into());
        self.setup.extend(last.into_iter().chain(shown).map(|ask| Ask { after, ..ask }));
        self.hidden = begins.hidden;
    }
}

impl Ask {
    /// Whether what it rests on is there. What was recorded is shown once it is.
    fn can_be_done(&self, facts: &Facts) -> bool {
        let needed = match &self.action {
            StepAction::Do(Action::Play(Playing { to: epoch, .. }) | Action::Scrub(epoch)) => *epoch,
            _ => 0,
        };
        !is_awaited(self.after, facts) && (!facts.training || facts.epochs >= needed as f64)
    }
}

/// Whether it has not happened yet and still can.
fn is_awaited(what: WaitFor, facts: &Facts) -> bool {
    match what {
        WaitFor::None => false,
        WaitFor::Trained => facts.training,
        WaitFor::Epoch(epoch) => facts.training && facts.epochs < epoch as f64,
        WaitFor::Comparison => facts.comparing,
        WaitFor::Moment(epoch) => facts.playing && facts.shown < epoch as f64,
    }
}

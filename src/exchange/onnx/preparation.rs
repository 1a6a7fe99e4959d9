//! The preparation as operators: one named input per indicator → the prepared inputs of the model.
//!
//! Numbers stay in double precision until they are scaled, as in the program itself. All indicators that are numbers go
//! through the chain side by side, as the columns of one table, so that the graph stays small however many there are.

use serde::Serialize;

use super::ExportError;
use super::graph::{Graph, Value};
use super::messages::data_type::{DOUBLE, FLOAT, STRING};
use super::search::Search;
use crate::data::{CellsRecipe, ColumnRecipe, GapRecipe, OutlierRecipe, Preparation, ScaleRecipe, ValueRecipe};

/// What a named input of the graph expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// Numbers in double precision, NaN where missing.
    Number,
    /// Texts, empty where missing.
    Text,
}

/// A named input of the graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputName {
    /// What it is called in the graph.
    pub input: String,
    /// The indicator that it takes.
    pub indicator: String,
    /// What it expects.
    pub kind: InputKind,
}

/// The prepared rows.
pub(super) struct Prepared {
    /// `(rows, n_inputs)`, single precision, every value finite.
    pub(super) x: Value,
    pub(super) n_inputs: usize,
    /// The named inputs, one per indicator that the model uses.
    pub(super) names: Vec<InputName>,
}

/// Tables of prepared columns, and which input of the model each column is.
#[derive(Default)]
struct Pieces {
    tables: Vec<Value>,
    inputs: Vec<Option<usize>>,
}

impl Pieces {
    fn add(&mut self, table: Value, inputs: impl IntoIterator<Item = Option<usize>>) {
        self.tables.push(table);
        self.inputs.extend(inputs);
    }
}

/// An indicator whose cells are numbers: what it goes through, its filling, and the number itself `(rows, 1)`.
struct NumberColumn<'a> {
    recipe: &'a ColumnRecipe<'a>,
    chain: Option<(GapRecipe, OutlierRecipe, ScaleRecipe<'a>)>,
    cells: Value,
}

/// Adds `preparation` to the graph.
pub(super) fn prepared(graph: &mut Graph, preparation: &Preparation) -> Result<Prepared, ExportError> {
    let recipes = preparation.recipe();
    let n_inputs = preparation.input_names().len();
    let mut names = Vec::new();
    let mut pieces = Pieces::default();
    let mut numbers = Vec::new();
    for recipe in &recipes {
        let kind = if recipe.cells == CellsRecipe::Numbers { InputKind::Number } else { InputKind::Text };
        let (elem_type, about) = match kind {
            InputKind::Number => (DOUBLE, "a number; NaN where missing"),
            InputKind::Text => (STRING, "a text as written in the table; empty where missing"),
        };
        let (cells, input) = graph.input(recipe.indicator, elem_type, about);
        names.push(InputName { input, indicator: recipe.indicator.to_owned(), kind });
        let chain = match recipe.value {
            ValueRecipe::Number { gap: GapRecipe::Neighbours, .. } => return Err(ExportError::Neighbours),
            ValueRecipe::Number { gap, outliers, scale } => Some((gap, outliers, scale)),
            ValueRecipe::Levels { .. } | ValueRecipe::Nothing => None,
        };
        match recipe.cells {
            CellsRecipe::Levels => levels(graph, recipe, cells, &mut pieces),
            CellsRecipe::Numbers => numbers.push(NumberColumn { recipe, chain, cells }),
            CellsRecipe::Places(levels) => {
                let cells = places(graph, cells, levels);
                numbers.push(NumberColumn { recipe, chain, cells });
            }
        }
    }
    self::numbers(graph, &numbers, &mut pieces);
    let table = graph.beside(&pieces.tables);
    let column_of = |input| pieces.inputs.iter().position(|piece| *piece == Some(input));
    let order: Vec<usize> = (0..n_inputs).filter_map(column_of).collect();
    let x = graph.columns(table, pieces.inputs.len(), &order);
    Ok(Prepared { x, n_inputs, names })
}

/// The place of each text among ordered levels; −∞, which is missing, where it has none.
fn places(graph: &mut Graph, text: Value, levels: &[String]) -> Value {
    let row = graph.texts(&[1, levels.len()], levels);
    let same = graph.op("Equal", &[text, row]);
    let numbers: Vec<f64> = (0..levels.len()).map(|place| place as f64).collect();
    let (numbers, none) = (graph.row(&numbers), graph.scalar(f64::NEG_INFINITY));
    let places = graph.op("Where", &[same, numbers, none]);
    graph.of_row("ReduceMax", places)
}

/// One input per level, and the flag.
fn levels(graph: &mut Graph, recipe: &ColumnRecipe<'_>, text: Value, pieces: &mut Pieces) {
    let empty = graph.texts(&[1, 1], &[""]);
    let missing = graph.op("Equal", &[text, empty]);
    if let ValueRecipe::Levels { levels, other, off, filled } = recipe.value {
        let (one, zero) = (graph.scalar(1.0_f32), graph.scalar(off));
        let mut parts = Vec::new();
        // Whether the cell says nothing that the input of all other levels stands for.
        let mut said = missing;
        if !levels.is_empty() {
            let row = graph.texts(&[1, levels.len()], levels);
            let same = graph.op("Equal", &[text, row]);
            let on = graph.op("Where", &[same, one, zero]);
            parts.push(on);
            if other {
                let most = graph.of_row("ReduceMax", on);
                let known = graph.op("Equal", &[most, one]);
                said = graph.op("Or", &[known, missing]);
            }
        }
        if other {
            parts.push(graph.op("Where", &[said, zero, one]));
        }
        let there = graph.beside(&parts);
        let width = levels.len() + usize::from(other);
        let gap: Vec<f32> = (0..width)
            .map(|input| match (filled, input) {
                (true, 0) => 1.0,
                (true, _) => off,
                (false, _) => 0.0,
            })
            .collect();
        let gap = graph.row(&gap);
        let inputs = graph.op("Where", &[missing, gap, there]);
        pieces.add(inputs, recipe.inputs.values.clone().map(Some));
    }
    if let (Some(flag), Some(input)) = (recipe.flag, recipe.inputs.flag) {
        let (flag, zero) = (graph.scalar(flag), graph.scalar(0.0_f32));
        let flag = graph.op("Where", &[missing, flag, zero]);
        pieces.add(flag, [Some(input)]);
    }
}

/// All indicators that are numbers, side by side; those that are scaled in the same way go through the chain together.
fn numbers(graph: &mut Graph, columns: &[NumberColumn<'_>], pieces: &mut Pieces) {
    if columns.is_empty() {
        return;
    }
    let cells: Vec<Value> = columns.iter().map(|column| column.cells).collect();
    let cells = graph.beside(&cells);
    let (size, infinite) = (graph.op("Abs", &[cells]), graph.scalar(f64::INFINITY));
    // Neither infinite nor NaN.
    let there = graph.op("Less", &[size, infinite]);
    if columns.iter().any(|column| column.recipe.flag.is_some()) {
        let flags: Vec<f32> = columns.iter().map(|column| column.recipe.flag.unwrap_or(0.0)).collect();
        let (flags, zero) = (graph.row(&flags), graph.scalar(0.0_f32));
        let flags = graph.op("Where", &[there, zero, flags]);
        pieces.add(flags, columns.iter().map(|column| column.recipe.inputs.flag));
    }
    let mut ways: Vec<(Way, Vec<usize>)> = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let Some((gap, outliers, scale)) = column.chain else { continue };
        let (middle, log) = (gap == GapRecipe::Middle, outliers == OutlierRecipe::SignedLog);
        let way = Way { middle, log, scale: scale.into() };
        match ways.iter_mut().find(|(known, _)| *known == way) {
            Some((_, alike)) => alike.push(at),
            None => ways.push((way, vec![at])),
        }
    }
    for (way, alike) in ways {
        let group = Group {
            way,
            chains: alike.iter().filter_map(|&column| columns[column].chain).collect(),
            cells: graph.columns(cells, columns.len(), &alike),
            there: graph.columns(there, columns.len(), &alike),
        };
        let x = group.filled(graph);
        let x = group.drawn_in(graph, x);
        let inputs = group.scaled(graph, x);
        pieces.add(inputs, alike.iter().flat_map(|&column| columns[column].recipe.inputs.values.clone().map(Some)));
    }
}

/// What indicators must share to go through the chain together.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Way {
    /// Whether missing numbers take the middle rank.
    middle: bool,
    log: bool,
    scale: ScaleKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ScaleKind {
    Linear,
    NormalScores,
    QuantileBins,
}

impl From<ScaleRecipe<'_>> for ScaleKind {
    fn from(scale: ScaleRecipe<'_>) -> Self {
        match scale {
            ScaleRecipe::Linear { .. } => Self::Linear,
            ScaleRecipe::NormalScores { .. } => Self::NormalScores,
            ScaleRecipe::QuantileBins { .. } => Self::QuantileBins,
        }
    }
}

/// Indicators that are scaled in the same way, as the columns of a table.
struct Group<'a> {
    way: Way,
    chains: Vec<(GapRecipe, OutlierRecipe, ScaleRecipe<'a>)>,
    cells: Value,
    there: Value,
}

impl Group<'_> {
    /// Missing numbers filled: what takes the middle rank with any number for now.
    fn filled(&self, graph: &mut Graph) -> Value {
        let fill = |chain: &(GapRecipe, OutlierRecipe, ScaleRecipe<'_>)| match chain.0 {
            GapRecipe::Value(value) => value,
            GapRecipe::Middle | GapRecipe::Neighbours => 0.0,
        };
        let fills: Vec<f64> = self.chains.iter().map(fill).collect();
        let fills = graph.row(&fills);
        graph.op("Where", &[self.there, self.cells, fills])
    }

    fn drawn_in(&self, graph: &mut Graph, x: Value) -> Value {
        if self.way.log {
            return signed_log(graph, x);
        }
        let outliers = || self.chains.iter().map(|chain| chain.1);
        if outliers().all(|outliers| outliers == OutlierRecipe::Kept) {
            return x;
        }
        let ends = outliers().map(|outliers| match outliers {
            OutlierRecipe::DrawnIn { low, high } => (low, high),
            OutlierRecipe::Kept | OutlierRecipe::SignedLog => (f64::NEG_INFINITY, f64::INFINITY),
        });
        let (low, high): (Vec<f64>, Vec<f64>) = ends.unzip();
        let (low, high) = (graph.row(&low), graph.row(&high));
        graph.within(x, low, high)
    }

    /// The inputs of all columns, in single precision.
    fn scaled(&self, graph: &mut Graph, x: Value) -> Value {
        match self.way.scale {
            ScaleKind::Linear => self.linear(graph, x),
            ScaleKind::NormalScores => self.normal_scores(graph, x),
            ScaleKind::QuantileBins => self.bins(graph, x),
        }
    }

    fn linear(&self, graph: &mut Graph, x: Value) -> Value {
        let mut of: [Vec<f64>; 6] = Default::default();
        for (.., scale) in &self.chains {
            if let ScaleRecipe::Linear { unit, offset, centre, spread, low, high } = *scale {
                of.iter_mut().zip([unit, offset, centre, spread, low, high]).for_each(|(list, value)| list.push(value));
            }
        }
        let [unit, offset, centre, spread, low, high] = of.map(|list| graph.row(&list));
        let x = graph.op("Div", &[x, unit]);
        let x = graph.op("Sub", &[x, offset]);
        let x = graph.op("Sub", &[x, centre]);
        let x = graph.op("Div", &[x, spread]);
        let x = graph.within(x, low, high);
        graph.cast(x, FLOAT)
    }

    fn normal_scores(&self, graph: &mut Graph, x: Value) -> Value {
        let (mut lists, mut at, mut between, mut middle) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (.., scale) in &self.chains {
            if let ScaleRecipe::NormalScores { values, at: z, between: gaps, middle: none } = *scale {
                lists.push(values);
                at.push(z);
                between.push(gaps);
                middle.push(none);
            }
        }
        let search = Search::new(graph, &lists);
        let (at, between) = (search.table_of(graph, &at, 0.0), search.table_of(graph, &between, 0.0));
        // Where a logarithm was taken another program's may differ in the last bits, and a training value must be known again.
        let found = search.find(graph, lists.len(), x, if self.way.log { 1e-14 } else { 0.0 });
        let (at, between) = (found.look_up(graph, at), found.look_up(graph, between));
        let z = graph.op("Where", &[found.exactly, at, between]);
        if !self.way.middle {
            return z;
        }
        let middle = graph.row(&middle);
        graph.op("Where", &[self.there, z, middle])
    }

    fn bins(&self, graph: &mut Graph, x: Value) -> Value {
        let (mut units, mut columns, mut lower, mut widths) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (column, (.., scale)) in self.chains.iter().enumerate() {
            if let ScaleRecipe::QuantileBins { unit, edges } = *scale {
                units.push(unit);
                for edge in edges.windows(2) {
                    columns.push(column);
                    lower.push(edge[0]);
                    widths.push(edge[1] - edge[0]);
                }
            }
        }
        let (units, lower, widths) = (graph.row(&units), graph.row(&lower), graph.row(&widths));
        let x = graph.op("Div", &[x, units]);
        let x = graph.columns(x, self.chains.len(), &columns);
        let x = graph.op("Sub", &[x, lower]);
        let x = graph.op("Div", &[x, widths]);
        let (zero, one) = (graph.scalar(0.0_f64), graph.scalar(1.0_f64));
        let x = graph.within(x, zero, one);
        graph.cast(x, FLOAT)
    }
}

/// sign(x)·ln(1 + |x|) for finite x. With u = 1 + |x| rounded, ln(1 + |x|) is ln(u)·|x|/(u − 1): the rounding of u cancels, which
/// it would not in ln(u) where x is small (Kahan).
fn signed_log(graph: &mut Graph, x: Value) -> Value {
    let one = graph.scalar(1.0_f64);
    let size = graph.op("Abs", &[x]);
    let u = graph.op("Add", &[size, one]);
    let rounded = graph.op("Sub", &[u, one]);
    let zero = graph.scalar(0.0_f64);
    let none = graph.op("Equal", &[rounded, zero]);
    let divisor = graph.op("Where", &[none, one, rounded]);
    let log = graph.op("Log", &[u]);
    let share = graph.op("Div", &[size, divisor]);
    let corrected = graph.op("Mul", &[log, share]);
    let log = graph.op("Where", &[none, size, corrected]);
    let sign = graph.op("Sign", &[x]);
    graph.op("Mul", &[sign, log])
}

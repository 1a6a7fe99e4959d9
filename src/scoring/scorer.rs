//! Rows to scored firms, block by block: the one way, whether a table is in memory or goes by in parts.
//!
//! Blocks are counted from the first row of the table, so that where its parts begin cannot change a bit. Blocks are worked
//! out side by side where there are threads, and handed on in the order of the rows.

use std::convert::Infallible;
use std::io;
use std::ops::Range;

use ndarray::{Array2, ArrayView2, Axis, concatenate};

use super::drift::DriftCount;
use super::firm::{FirmScore, Known};
use super::matching::Matching;
use super::risk_model::{BLOCK, RiskModel};
use super::summary::{Summary, Tally};
use crate::data::{ColumnsToScore, Dataset, Decimal, NotANumber, Rejected, RowPart, RowStream, Table, Value};
use crate::data::{OpenError, Progress};
use crate::model::kernels::each;

/// Blocks that are in the making at the same time: enough for all threads, little memory.
const BLOCKS: usize = 64;

/// Where scored firms go.
pub trait Sink: Sync {
    /// What is worked out of a block for [`Self::take`].
    type Work: Send;
    /// Why firms cannot be taken.
    type Error;

    /// Whether [`Self::work`] is to be given what the firms hold of each indicator.
    fn wants_values(&self) -> bool {
        false
    }

    /// Works on a block of firms and their prepared inputs `(firms.len(), n_inputs)`; on any thread, in any order. `values` are
    /// those of each firm, in the order of [`Matching::indicators`]; empty unless they are wanted.
    fn work(&self, firms: &[FirmScore], values: &[Vec<Value>], inputs: ArrayView2<'_, f32>) -> Self::Work;

    /// Takes the blocks in the order of their rows.
    ///
    /// # Errors
    /// When they cannot be written, which ends the scoring.
    fn take(&mut self, firms: Vec<FirmScore>, work: Self::Work) -> Result<(), Self::Error>;
}

/// Keeps all firms.
impl Sink for Vec<FirmScore> {
    type Work = ();
    type Error = Infallible;

    fn work(&self, _: &[FirmScore], _: &[Vec<Value>], _: ArrayView2<'_, f32>) {}

    fn take(&mut self, firms: Vec<FirmScore>, (): ()) -> Result<(), Infallible> {
        self.extend(firms);
        Ok(())
    }
}

/// Why a table could not be scored.
#[derive(Debug, thiserror::Error)]
pub enum ScoringError {
    /// It cannot be read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The scored firms cannot be written.
    #[error("the scored firms cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// A table in memory, scored.
#[derive(Clone, Debug, PartialEq)]
pub struct Scoring {
    /// Its rows as the model sees them: `data.indicators` are those of the matching, in its order. What a row was is found by
    /// its place.
    pub data: Dataset,
    /// One per row of `data`, in its order.
    pub firms: Vec<FirmScore>,
    /// What there is to say of all of them.
    pub summary: Summary,
}

/// Scores a table in memory whose columns have these decimal marks, see [`Table::decimals`]; `rejected` are the lines of its
/// file that did not become rows.
pub fn score(
    model: &RiskModel,
    matching: &Matching,
    table: &Table,
    decimals: &[Decimal],
    rejected: &[Rejected],
) -> Scoring {
    let mut scorer = Scorer::new(model, matching, decimals);
    let mut firms = Vec::with_capacity(table.n_rows());
    let Ok(data) = scorer.push(table, rejected, &mut firms);
    let Ok(()) = scorer.flush(&mut firms);
    Scoring { data, firms, summary: scorer.summary() }
}

/// Scores all rows that are left of a table, into `sink`.
///
/// # Errors
/// When the rows cannot be read, the firms cannot be written, or `progress` was cancelled.
pub fn score_rows<S: Sink<Error = io::Error>>(
    model: &RiskModel,
    matching: &Matching,
    rows: &mut RowStream,
    sink: &mut S,
    progress: &Progress,
) -> Result<Summary, ScoringError> {
    let mut scorer = Scorer::new(model, matching, rows.decimals());
    while let Some(RowPart { table, rejected }) = rows.next_part(progress)? {
        scorer.push(&table, &rejected, sink)?;
    }
    scorer.flush(sink)?;
    Ok(scorer.summary())
}

/// A scoring on its way.
struct Scorer<'m> {
    model: &'m RiskModel,
    columns: ColumnsToScore,
    known: Known<'m>,
    drift: DriftCount,
    tally: Tally,
    /// Rows so far, and rows and rejected lines so far.
    rows: usize,
    lines: u64,
    /// Rows of a block that is not full yet.
    pending: Option<Block>,
}

/// Rows of a block: firms that lack their probability, and their inputs.
struct Block {
    firms: Vec<FirmScore>,
    /// What they hold; empty where nobody wants it.
    values: Vec<Vec<Value>>,
    inputs: Array2<f32>,
}

impl Block {
    /// Adds the rows that follow.
    fn append(&mut self, mut more: Self) {
        self.firms.append(&mut more.firms);
        self.values.append(&mut more.values);
        // Both have the inputs of the model.
        if let Ok(inputs) = concatenate(Axis(0), &[self.inputs.view(), more.inputs.view()]) {
            self.inputs = inputs;
        }
    }
}

impl<'m> Scorer<'m> {
    fn new(model: &'m RiskModel, matching: &Matching, decimals: &[Decimal]) -> Self {
        Self {
            model,
            columns: matching.columns(decimals),
            known: Known::new(model, matching),
            drift: DriftCount::new(model, matching),
            tally: Tally::new(model, matching),
            rows: 0,
            lines: 0,
            pending: None,
        }
    }

    /// Scores the rows that follow, but for those of a block that is not full; hands back the rows as the model sees them.
    fn push<S: Sink>(&mut self, table: &Table, rejected: &[Rejected], sink: &mut S) -> Result<Dataset, S::Error> {
        let (mut data, texts) = Dataset::unlabelled(table, &self.columns);
        data.count_rejected(table, rejected);
        for position in &mut data.source_rows {
            *position += self.lines;
        }
        self.lines += (table.n_rows() + rejected.len()) as u64;
        self.tally.reject(rejected);
        self.drift.count(&data);
        let unseen = self.known.unseen(&data);
        let part = Part { table, data: &data, texts: &texts, unseen: &unseen, first: self.rows };
        let with_values = sink.wants_values();
        let mut from = 0;
        while from < table.n_rows() {
            let to = table.n_rows().min(from + BLOCKS * BLOCK);
            let mut blocks: Vec<_> = segments(self.rows + from..self.rows + to).map(|rows| (rows, None)).collect();
            each(&mut blocks, |(rows, block)| *block = Some(self.prepare(&part, rows.clone(), with_values)));
            let full: Vec<Block> = blocks.into_iter().filter_map(|(_, block)| self.completed(block?)).collect();
            self.answer(full, sink)?;
            from = to;
        }
        self.rows += table.n_rows();
        Ok(data)
    }

    /// Scores the rows of the last block.
    fn flush<S: Sink>(&mut self, sink: &mut S) -> Result<(), S::Error> {
        let last = self.pending.take();
        self.answer(last.into_iter().collect(), sink)
    }

    fn summary(self) -> Summary {
        self.tally.summary(self.rows as u64, self.drift.drift())
    }

    /// Adds rows to the pending block; the block when it is full.
    fn completed(&mut self, block: Block) -> Option<Block> {
        match &mut self.pending {
            None => self.pending = Some(block),
            Some(pending) => pending.append(block),
        }
        self.pending.take_if(|pending| pending.firms.len() >= BLOCK)
    }

    /// The firms of `rows`, counted from the first of the table, and their inputs; on demand with what they hold.
    fn prepare(&self, part: &Part<'_>, rows: Range<usize>, with_values: bool) -> Block {
        let numbers: Vec<usize> = rows.clone().collect();
        let places: Vec<usize> = rows.map(|row| row - part.first).collect();
        let inputs = self.model.inputs(part.data, &places, &numbers);
        let firms = places.iter().map(|&row| self.firm(part, row)).collect();
        let of_row = |&row: &usize| part.data.indicators.iter().map(|indicator| indicator.value(row)).collect();
        let values = if with_values { places.iter().map(of_row).collect() } else { Vec::new() };
        Block { firms, values, inputs }
    }

    /// All but what the model says.
    fn firm(&self, part: &Part<'_>, row: usize) -> FirmScore {
        let Part { table, data, texts, unseen, .. } = *part;
        let written = |column: Option<usize>| {
            let (column, tokens) = (column?, table.missing_tokens());
            let cell = table.cell(row, column);
            (!tokens.holds(&table.names()[column], cell, false)).then(|| cell.to_owned())
        };
        let start = texts.partition_point(|cell| cell.row < row);
        let end = start + texts[start..].partition_point(|cell| cell.row == row);
        let text_of = |indicator: usize| {
            let column = self.columns.indicators[indicator].column;
            column.map_or_else(String::new, |column| table.cell(row, column).to_owned())
        };
        FirmScore {
            row: data.source_rows[row],
            enterprise: written(self.columns.enterprise),
            period: written(self.columns.period),
            exposure: data.exposure.as_ref().map(|exposure| exposure[row]).filter(|exposure| !exposure.is_nan()),
            bad: data.bad[row],
            pd: f64::NAN,
            called_bad: false,
            grade: None,
            flags: self.known.flags(data, row, unseen, &texts[start..end], text_of),
            free_energy: None,
            novel: false,
        }
    }

    /// Lets the model answer for blocks, and hands them on.
    fn answer<S: Sink>(&mut self, blocks: Vec<Block>, sink: &mut S) -> Result<(), S::Error> {
        let mut blocks: Vec<(Block, Option<S::Work>)> = blocks.into_iter().map(|block| (block, None)).collect();
        let (model, worker) = (self.model, &*sink);
        each(&mut blocks, |(Block { firms, values, inputs }, work)| {
            let energies = model.novelty.as_ref().map(|novelty| novelty.free_energy(inputs.view()));
            for (row, (firm, pd)) in firms.iter_mut().zip(model.pd(inputs.view())).enumerate() {
                firm.pd = pd;
                firm.called_bad = model.is_called_bad(pd);
                firm.grade = model.grade(pd);
                firm.free_energy = energies.as_ref().map(|energies| energies[row]).filter(|energy| energy.is_finite());
                firm.novel = model.novelty.as_ref().zip(firm.free_energy).is_some_and(|(n, energy)| n.is_novel(energy));
            }
            *work = Some(worker.work(firms, values, inputs.view()));
        });
        for (Block { firms, .. }, work) in blocks {
            for firm in &firms {
                self.drift.count_pd(firm.pd);
                self.tally.add(firm);
            }
            if let Some(work) = work {
                sink.take(firms, work)?;
            }
        }
        Ok(())
    }
}

/// Some rows of a table.
struct Part<'a> {
    table: &'a Table,
    data: &'a Dataset,
    /// Cells that are no numbers, by row.
    texts: &'a [NotANumber],
    unseen: &'a [Vec<bool>],
    /// Place of its first row in the table.
    first: usize,
}

/// `rows` cut where blocks end.
fn segments(rows: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let blocks = rows.start / BLOCK..rows.end.div_ceil(BLOCK);
    blocks.map(move |block| rows.start.max(block * BLOCK)..rows.end.min((block + 1) * BLOCK))
}

//! Binary search by standard operators: how many of some ascending numbers lie below x, for many columns at once and
//! in as many steps as the longest list has binary digits.

use super::graph::{Graph, Value};

/// Lists of ascending numbers, one for each column, ready to be searched.
pub(super) struct Search {
    /// Places that each list takes: a power of two above the length of every one.
    stride: usize,
    table: Value,
}

/// Where the values of a table fall in the lists.
pub(super) struct Found {
    /// Place in tables of all lists ([`Search::table_of`]), of the shape of the values.
    places: Value,
    /// Whether the value equals the number at its place.
    pub(super) exactly: Value,
}

impl Search {
    /// For these lists, each ascending.
    pub(super) fn new(graph: &mut Graph, lists: &[&[f64]]) -> Self {
        let longest = lists.iter().map(|list| list.len()).max().unwrap_or(0);
        let stride = (longest + 1).next_power_of_two();
        let table = padded(graph, stride, lists, f64::INFINITY);
        Self { stride, table }
    }

    /// For each element of `values` `(rows, lists)`, finite, the number of elements of its column's list below it. Numbers that
    /// differ by no more than the share `near` of the value count as equal; 0 where they are to be equal to the bit.
    pub(super) fn find(&self, graph: &mut Graph, n_lists: usize, values: Value, near: f64) -> Found {
        let margin = (near > 0.0).then(|| {
            let (size, share) = (graph.op("Abs", &[values]), graph.scalar(near));
            graph.op("Mul", &[size, share])
        });
        let low = margin.map_or(values, |margin| graph.op("Sub", &[values, margin]));
        let starts: Vec<usize> = (0..n_lists).map(|list| list * self.stride).collect();
        let mut places = graph.row(&starts);
        let zero = graph.scalar(0_usize);
        let mut step = self.stride / 2;
        while step > 0 {
            let (whole, before) = (graph.scalar(step), graph.scalar(step - 1));
            let probe = graph.op("Add", &[places, before]);
            let probe = graph.look_up(self.table, probe);
            let below = graph.op("Less", &[probe, low]);
            let moved = graph.op("Where", &[below, whole, zero]);
            places = graph.op("Add", &[places, moved]);
            step /= 2;
        }
        let there = graph.look_up(self.table, places);
        let exactly = match margin {
            None => graph.op("Equal", &[there, values]),
            Some(margin) => {
                let apart = graph.op("Sub", &[there, values]);
                let apart = graph.op("Abs", &[apart]);
                graph.op("GreaterOrEqual", &[margin, apart])
            }
        };
        Found { places, exactly }
    }

    /// A table of what belongs to the places of each list, no longer than it and one more.
    pub(super) fn table_of<T: super::graph::Element>(&self, graph: &mut Graph, lists: &[&[T]], rest: T) -> Value {
        padded(graph, self.stride, lists, rest)
    }
}

impl Found {
    /// What such a table holds for the values.
    pub(super) fn look_up(&self, graph: &mut Graph, table: Value) -> Value {
        graph.look_up(table, self.places)
    }
}

/// Lists one after another, each filled up to `stride` with `rest`.
fn padded<T: super::graph::Element>(graph: &mut Graph, stride: usize, lists: &[&[T]], rest: T) -> Value {
    let all: Vec<T> =
        lists.iter().flat_map(|list| list.iter().copied().chain(std::iter::repeat(rest)).take(stride)).collect();
    graph.constant(&[all.len()], &all)
}

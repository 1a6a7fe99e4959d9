//! The network as nodes and edges: width is the size of a weight, dashes are negative, and only the strongest to each unit.

use std::sync::Arc;

use egui::{
    Align, Align2, Color32, Label, Layout, Mesh, Pos2, Rect, Role, Sense, Shape, Stroke, TextStyle, Ui, WidgetInfo,
    pos2, vec2,
};
use ndarray::{ArrayRef2, Axis};

use super::super::looking::{
    Guide, WeightLayer, guide_ui, layer_name, lower_name, skip_in_words, upper_name, weight_layers,
};
use super::super::{Scene, StateKey};
use super::hinton::signed;
use crate::app::latest::Latest;
use crate::app::panels::thousands;
use crate::app::theme::{self, CARD_GAP, Palette};
use crate::app::widgets::{Field, Taking, card, empty_state};
use crate::inspection::weights::{Edge, strength, strongest};
use crate::model::dbn::NetState;
use crate::report::{Cell, ColumnKind, ReportTable};

/// Nodes of a layer that are drawn at most.
const MOST_NODES: usize = 160;
/// Edges to each unit at most: more are a grey field.
const MOST_EDGES: usize = 12;
/// Width of the strongest edge, and of the weakest that is drawn, in points.
const WIDTH: (f32, f32) = (3.5, 0.6);
/// Length of a dash and of the gap after it, in points.
const DASH: (f32, f32) = (6.0, 4.0);
/// How near the pointer has to be to a node, and to an edge, in points.
const NEAR: (f32, f32) = (9.0, 4.0);
/// Width of the names left and right of the picture at most, in heights of a line.
const NAMES: f32 = 11.0;

const GUIDE: Guide = Guide {
    step: 3,
    look_for: "Every unit is held by a few strong edges, and not all of them by the same inputs.",
    fault: "One input with thick edges to every unit: it outweighs the rest, see how it is scaled. Edges of one width \
            everywhere: nothing has been learned yet.",
};

/// The strongest edges of every layer.
struct Drawing {
    state: Arc<NetState>,
    key: (StateKey, usize),
    /// Nodes that are drawn of each layer, the inputs first, ascending; and how many there are.
    nodes: Vec<(Vec<usize>, usize)>,
    /// From the lowest layer of weights; ends are places among the drawn nodes.
    edges: Vec<Vec<Edge>>,
    /// The largest size of a weight in each layer.
    largest: Vec<f32>,
}

impl Drawing {
    fn of(state: Arc<NetState>, key: (StateKey, usize)) -> Self {
        let layers = weight_layers(&state);
        let lowest = layers.first().map(WeightLayer::features).unwrap_or_default();
        let mut nodes = vec![(drawn(&strength(&lowest.t())), lowest.nrows())];
        let (mut edges, mut largest) = (Vec::new(), Vec::new());
        for layer in &layers {
            let w = layer.features();
            let above = drawn(&strength(&w));
            let below: &Vec<usize> = &nodes[nodes.len() - 1].0;
            edges.push(strongest_among(&w, below, &above, key.1));
            largest.push(w.iter().fold(1e-6_f32, |m, x| if x.is_finite() { m.max(x.abs()) } else { m }));
            nodes.push((above, w.ncols()));
        }
        drop(layers);
        Self { state, key, nodes, edges, largest }
    }

    /// The edges that are drawn.
    fn table(&self, scene: &Scene<'_>) -> ReportTable {
        let heads = [
            ("Layer", ColumnKind::Words),
            ("From", ColumnKind::Words),
            ("To", ColumnKind::Words),
            ("Weight", ColumnKind::Numbers),
        ];
        let mut table = ReportTable::new("network", self.in_words(), heads);
        let layers = weight_layers(&self.state);
        for (l, edges) in self.edges.iter().enumerate() {
            table.rows.extend(edges.iter().map(|edge| {
                let [from, to] =
                    [(l, edge.from), (l + 1, edge.to)].map(|(c, place)| self.node_name(scene, &layers, c, place));
                vec![
                    layer_name(&self.state, l).into(),
                    from.into(),
                    to.into(),
                    Cell::Number(Some(f64::from(edge.weight)), 5),
                ]
            }));
        }
        table
    }

    /// The name of a node by its place among those that are drawn of its layer, 0 being the inputs.
    fn node_name(&self, scene: &Scene<'_>, layers: &[WeightLayer<'_>], c: usize, place: usize) -> String {
        let unit = self.nodes[c].0[place];
        match c.checked_sub(1) {
            None => lower_name(scene, 0, &layers[0], unit),
            Some(l) => upper_name(scene, &layers[l], unit),
        }
    }

    /// What part is shown, in sentences: "Edges: the 3 strongest of 128 to each unit of RBM 2. …"
    fn in_words(&self) -> String {
        let k = self.key.1;
        let parts = self.nodes.windows(2).enumerate().filter(|(_, pair)| pair[0].0.len() > k).map(|(l, pair)| {
            let of = thousands(pair[0].0.len());
            format!("the {k} strongest of {of} to each unit of {}", layer_name(&self.state, l))
        });
        let edges: Vec<String> = parts.collect();
        let fewer: Vec<String> = self
            .nodes
            .iter()
            .filter(|(drawn, all)| drawn.len() < *all)
            .map(|(drawn, all)| format!("the {} strongest of {} nodes", thousands(drawn.len()), thousands(*all)))
            .collect();
        let edges = if edges.is_empty() { "all of them".to_owned() } else { edges.join("; ") };
        let nodes = if fewer.is_empty() { String::new() } else { format!(" Drawn are {}.", fewer.join(", ")) };
        let skip = skip_in_words(&self.state).map_or_else(String::new, |words| format!(" {words}"));
        format!("Edges: {edges}. Width is size within a layer, dashes are negative.{nodes}{skip}")
    }
}

/// The `k` strongest edges to each unit of `w` `(n_in, n_units)` among the nodes that are drawn; ends are places among these.
/// Chosen among them alone: an edge from a node that is not drawn would only be missing.
fn strongest_among(w: &ArrayRef2<f32>, below: &[usize], above: &[usize], k: usize) -> Vec<Edge> {
    strongest(&w.select(Axis(0), below).select(Axis(1), above), k)
}

/// The nodes of a layer that are drawn: the strongest, ascending.
fn drawn(strength: &[Option<f64>]) -> Vec<usize> {
    let mut units: Vec<usize> = (0..strength.len()).collect();
    if units.len() > MOST_NODES {
        let size = |unit: usize| strength[unit].unwrap_or(f64::INFINITY);
        units.sort_by(|&a, &b| size(b).total_cmp(&size(a)));
        units.truncate(MOST_NODES);
        units.sort_unstable();
    }
    units
}

/// What an edges' mesh was made for.
#[derive(Clone, Copy, PartialEq)]
struct MeshKey {
    edges: (StateKey, usize),
    rect: Rect,
    dark: bool,
    pixel: f32,
}

/// What the view remembers.
pub(super) struct PictureView {
    k: usize,
    latest: Latest<(StateKey, usize), Drawing>,
    mesh: Option<(MeshKey, Arc<Mesh>)>,
}

impl Default for PictureView {
    fn default() -> Self {
        Self { k: 3, latest: Latest::default(), mesh: None }
    }
}

impl PictureView {
    pub(super) fn ui(&mut self, ui: &mut Ui, scene: &Scene<'_>) {
        let Self { k, latest, mesh } = self;
        guide_ui(ui, &GUIDE);
        ui.add_space(CARD_GAP / 2.0);
        let line = ui.text_style_height(&TextStyle::Body);
        let size = vec2(12.0 * line, ui.spacing().interact_size.y);
        ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
            Field::new("Edges to each unit", k, 1..=MOST_EDGES)
                .without_track()
                .tooltip("The strongest weights that lead to each unit")
                .show(ui);
        });
        let key = (scene.key(), *k);
        let state = Arc::clone(scene.state);
        let Some(edges) = latest.get(ui.ctx(), key, "edges", move |_| Drawing::of(state, key)) else {
            return empty_state(ui, "The edges are being chosen", "");
        };
        card(ui, |ui| {
            let taking = Taking::begin(ui, "network");
            ui.scope(|ui| {
                ui.set_max_width(ui.available_width() - Taking::room(ui));
                ui.add(Label::new(theme::weak(edges.in_words())).wrap());
            });
            let height = ui.available_height().max(16.0 * line) - 12.0;
            let (area, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
            let name = format!("The network, {} layers of weights", edges.edges.len());
            response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name.as_str()));
            let text = Self::paint(mesh, ui, scene, edges, area, response.hover_pos());
            if let Some(text) = text {
                response.on_hover_text_at_pointer(text);
            }
            taking.end(ui, &name, || edges.table(scene));
        });
    }

    /// Draws the picture; what the pointer is on, in words.
    fn paint(
        mesh: &mut Option<(MeshKey, Arc<Mesh>)>,
        ui: &Ui,
        scene: &Scene<'_>,
        edges: &Drawing,
        area: Rect,
        pointer: Option<Pos2>,
    ) -> Option<String> {
        let palette = Palette::of(ui);
        let painter = ui.painter_at(area);
        let line = ui.text_style_height(&TextStyle::Body);
        let layers = weight_layers(&edges.state);
        let names = (NAMES * line).min(0.22 * area.width());
        let title = ui.text_style_height(&TextStyle::Small) + 8.0;
        let right = if layers.last().is_some_and(|layer| layer.is_output) { names } else { 2.0 * line };
        let field = Rect::from_min_max(area.min + vec2(names, title), area.max - vec2(right, 6.0));
        let columns: Vec<Vec<Pos2>> = edges
            .nodes
            .iter()
            .enumerate()
            .map(|(c, (nodes, _))| places(field, c, edges.nodes.len(), nodes.len()))
            .collect();

        let pixel = 1.0 / ui.ctx().pixels_per_point();
        let key = MeshKey { edges: edges.key, rect: field, dark: ui.visuals().dark_mode, pixel };
        let made = match mesh {
            Some((of, made)) if *of == key => Arc::clone(made),
            _ => {
                let made = Arc::new(edges_mesh(edges, &columns, palette.text, pixel));
                *mesh = Some((key, Arc::clone(&made)));
                made
            }
        };
        painter.add(Shape::Mesh(made));

        let radius = |n: usize| (0.36 * field.height() / n.max(1) as f32).clamp(1.0, 7.0);
        for (c, column) in columns.iter().enumerate() {
            let r = radius(column.len());
            for at in column {
                painter.circle(*at, r, palette.card, Stroke::new(if r < 2.0 { 0.8 } else { 1.5 }, palette.accent));
            }
            let name = if c == 0 { "Inputs".to_owned() } else { layer_name(&edges.state, c - 1) };
            let x = column.first().map_or(area.left(), |at| at.x);
            painter.text(pos2(x, area.top()), Align2::CENTER_TOP, name, theme::label_font(ui), palette.text);
        }
        let node_name = |c: usize, place: usize| edges.node_name(scene, &layers, c, place);
        let font = theme::tick_font(ui);
        for (c, left) in [(0, true), (columns.len() - 1, false)] {
            let is_named = c == 0 || layers[c - 1].is_output;
            let apart = field.height() / columns[c].len().max(1) as f32;
            if !is_named || apart < 0.8 * font.size {
                continue;
            }
            for (place, at) in columns[c].iter().enumerate() {
                let galley = painter.layout_no_wrap(node_name(c, place), font.clone(), palette.text);
                let gap = radius(columns[c].len()) + 5.0;
                let x = if left { (at.x - gap - galley.size().x).max(area.left()) } else { at.x + gap };
                painter.galley(pos2(x, at.y - galley.size().y / 2.0), galley, palette.text);
            }
        }

        let pointer = pointer?;
        if let Some((c, place)) = node_at(&columns, pointer) {
            painter.circle_stroke(columns[c][place], radius(columns[c].len()) + 2.0, Stroke::new(2.0, palette.text));
            let mut lines = vec![node_name(c, place)];
            if let Some(l) = c.checked_sub(1) {
                let bias = layers[l].c.get(edges.nodes[c].0[place]).copied().unwrap_or(f32::NAN);
                lines.push(format!("bias {}", signed(bias)));
                let to_here = edges.edges[l].iter().rev().filter(|edge| edge.to == place);
                lines.extend(to_here.map(|edge| format!("from {}: {}", node_name(l, edge.from), signed(edge.weight))));
            }
            return Some(lines.join("\n"));
        }
        let (l, edge) = edge_at(edges, &columns, pointer)?;
        let ends = [columns[l][edge.from], columns[l + 1][edge.to]];
        painter.line_segment(ends, Stroke::new(WIDTH.0, palette.accent));
        Some(format!("{} → {}: {}", node_name(l, edge.from), node_name(l + 1, edge.to), signed(edge.weight)))
    }
}

/// Where the `n` nodes of column `column` of `columns` stand.
fn places(field: Rect, column: usize, columns: usize, n: usize) -> Vec<Pos2> {
    let x = field.left() + field.width() * column as f32 / (columns.max(2) - 1) as f32;
    let apart = field.height() / n.max(1) as f32;
    (0..n).map(|i| pos2(x, field.top() + apart * (i as f32 + 0.5))).collect()
}

fn node_at(columns: &[Vec<Pos2>], at: Pos2) -> Option<(usize, usize)> {
    let all =
        columns.iter().enumerate().flat_map(|(c, column)| column.iter().enumerate().map(move |(i, p)| (c, i, *p)));
    let near = all.map(|(c, i, p)| (p.distance(at), c, i)).min_by(|a, b| a.0.total_cmp(&b.0))?;
    (near.0 <= NEAR.0).then_some((near.1, near.2))
}

fn edge_at<'a>(edges: &'a Drawing, columns: &[Vec<Pos2>], at: Pos2) -> Option<(usize, &'a Edge)> {
    let all = edges.edges.iter().enumerate().flat_map(|(l, edges)| edges.iter().map(move |edge| (l, edge)));
    let near = all
        .map(|(l, edge)| (distance(at, columns[l][edge.from], columns[l + 1][edge.to]), l, edge))
        .min_by(|a, b| a.0.total_cmp(&b.0))?;
    (near.0 <= NEAR.1).then_some((near.1, near.2))
}

/// From a point to the line between two others.
fn distance(at: Pos2, from: Pos2, to: Pos2) -> f32 {
    let along = to - from;
    let length = along.length_sq();
    let share = if length > 0.0 { ((at - from).dot(along) / length).clamp(0.0, 1.0) } else { 0.0 };
    at.distance(from + along * share)
}

/// All edges as one mesh, the weak ones below.
fn edges_mesh(edges: &Drawing, columns: &[Vec<Pos2>], color: Color32, pixel: f32) -> Mesh {
    let mut mesh = Mesh::default();
    for (l, (of_layer, largest)) in edges.edges.iter().zip(&edges.largest).enumerate() {
        for edge in of_layer {
            let share = edge.weight.abs() / largest;
            let width = WIDTH.1 + (WIDTH.0 - WIDTH.1) * share;
            let color = color.gamma_multiply(0.25 + 0.6 * share);
            let (from, to) = (columns[l][edge.from], columns[l + 1][edge.to]);
            if edge.weight > 0.0 {
                add_line(&mut mesh, from, to, width, color, pixel);
                continue;
            }
            let (length, way) = ((to - from).length(), (to - from).normalized());
            let dashes = (length / (DASH.0 + DASH.1)).ceil().clamp(0.0, 1000.0) as usize;
            for dash in 0..dashes {
                let start = dash as f32 * (DASH.0 + DASH.1);
                let end = (start + DASH.0).min(length);
                add_line(&mut mesh, from + way * start, from + way * end, width, color, pixel);
            }
        }
    }
    mesh
}

/// A line with soft edges one pixel wide, as egui's own lines have.
fn add_line(mesh: &mut Mesh, from: Pos2, to: Pos2, width: f32, color: Color32, pixel: f32) {
    let across = (to - from).normalized().rot90();
    let (inner, outer) = (0.5 * (width - pixel).max(0.0), 0.5 * (width + pixel));
    let sides = [(-outer, Color32::TRANSPARENT), (-inner, color), (inner, color), (outer, Color32::TRANSPARENT)];
    let first = mesh.vertices.len() as u32;
    for end in [from, to] {
        for (offset, color) in sides {
            mesh.colored_vertex(end + across * offset, color);
        }
    }
    for side in first..first + 3 {
        mesh.add_triangle(side, side + 1, side + 4);
        mesh.add_triangle(side + 1, side + 5, side + 4);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_spread_over_the_height_and_columns_over_the_width() {
        let field = Rect::from_min_size(pos2(10.0, 20.0), vec2(200.0, 100.0));
        assert_eq!(places(field, 0, 3, 2), [pos2(10.0, 45.0), pos2(10.0, 95.0)]);
        assert_eq!(places(field, 1, 3, 1), [pos2(110.0, 70.0)]);
        assert_eq!(places(field, 2, 3, 1), [pos2(210.0, 70.0)]);
        assert!(places(field, 0, 1, 0).is_empty());
    }

    #[test]
    fn the_nearest_node_and_the_distance_to_an_edge() {
        let columns = [vec![pos2(0.0, 0.0), pos2(0.0, 20.0)], vec![pos2(100.0, 10.0)]];
        assert_eq!(node_at(&columns, pos2(4.0, 17.0)), Some((0, 1)));
        assert_eq!(node_at(&columns, pos2(50.0, 10.0)), None);
        assert_eq!(distance(pos2(5.0, 3.0), pos2(0.0, 0.0), pos2(10.0, 0.0)), 3.0);
        assert_eq!(distance(pos2(13.0, 4.0), pos2(0.0, 0.0), pos2(10.0, 0.0)), 5.0);
        assert_eq!(distance(pos2(3.0, 4.0), pos2(0.0, 0.0), pos2(0.0, 0.0)), 5.0);
    }

    #[test]
    fn of_a_large_layer_the_strongest_nodes_are_drawn() {
        let strength: Vec<Option<f64>> = (0..200).map(|unit| Some(f64::from((unit * 7) % 200))).collect();
        let nodes = drawn(&strength);
        assert_eq!(nodes.len(), MOST_NODES);
        assert!(nodes.is_sorted() && nodes.iter().all(|&unit| strength[unit] >= Some(40.0)));
        assert_eq!(drawn(&strength[..3]), [0, 1, 2]);
    }

    #[test]
    fn a_unit_keeps_its_edges_where_stronger_ones_are_not_drawn() {
        // The strongest input of the second unit is not among those that are drawn.
        let w = ndarray::array![[1.0_f32, 0.5], [3.0, 9.0], [2.0, -0.25]];
        let edge = |from, to, weight| Edge { from, to, weight };
        assert_eq!(strongest_among(&w, &[0, 2], &[1], 1), [edge(0, 0, 0.5)]);
        assert_eq!(strongest_among(&w, &[0, 1, 2], &[0, 1], 1), [edge(1, 0, 3.0), edge(1, 1, 9.0)]);
    }

    #[test]
    fn a_line_is_as_wide_as_it_is_said_to_be() {
        let mut mesh = Mesh::default();
        add_line(&mut mesh, pos2(0.0, 0.0), pos2(10.0, 0.0), 3.0, Color32::WHITE, 1.0);
        assert_eq!((mesh.vertices.len(), mesh.indices.len()), (8, 18));
        assert_eq!(mesh.calc_bounds().height(), 4.0, "with half a pixel of softness at both sides");
    }
}

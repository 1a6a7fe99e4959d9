//! What a line plot shows: lines, phases, events and levels.

use egui::Color32;
use egui_plot::{LineStyle, MarkerShape};

use crate::app::theme::LINE_WIDTH;
use crate::training::Stretch;

/// One line. Points are `[x, y]` in order of x; a value that is not finite breaks the line and is marked on the axis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Series<'a> {
    /// What it is, for its end and for the pointer.
    pub name: &'a str,
    /// The data.
    pub points: &'a [[f64; 2]],
    /// The same with their extremes, where these are kept: then not every point is looked at in every frame.
    pub stretch: Option<Stretch<'a>>,
    /// Its colour.
    pub color: Color32,
    /// Its dash. Default: solid.
    pub dash: LineStyle,
    /// Its width in points. Default: 2; 0 with a marker draws points only.
    pub width: f32,
    /// A marker at every point. Default: none.
    pub marker: Option<MarkerShape>,
    /// Whether its name stands at its end. Default: yes.
    pub named: bool,
    /// One of many behind the lines that are told: the pointer's label and the words leave it out. Default: no.
    pub backdrop: bool,
    /// What it varies between, `[x, low, high]` in order of x, as a light ground behind the lines. Default: nothing.
    pub spread: &'a [[f64; 3]],
}

impl<'a> Series<'a> {
    /// A solid line.
    pub(crate) fn new(name: &'a str, points: &'a [[f64; 2]], color: Color32) -> Self {
        Self {
            name,
            points,
            stretch: None,
            color,
            dash: LineStyle::Solid,
            width: LINE_WIDTH,
            marker: None,
            named: true,
            backdrop: false,
            spread: &[],
        }
    }

    /// A solid line of a curve of any length.
    pub(crate) fn of(name: &'a str, stretch: Stretch<'a>, color: Color32) -> Self {
        Self { stretch: Some(stretch), ..Self::new(name, stretch.points(), color) }
    }

    /// With this dash.
    pub(crate) fn dash(mut self, dash: LineStyle) -> Self {
        self.dash = dash;
        self
    }

    /// With this width in points.
    pub(crate) fn width(mut self, width: f32) -> Self {
        self.width = width;
        self
    }

    /// With this marker at every point.
    pub(crate) fn marker(mut self, marker: MarkerShape) -> Self {
        self.marker = Some(marker);
        self
    }

    /// With what it varies between.
    pub(crate) fn spread(mut self, spread: &'a [[f64; 3]]) -> Self {
        self.spread = spread;
        self
    }

    /// As one of many behind the lines that are told.
    pub(crate) fn backdrop(mut self) -> Self {
        self.backdrop = true;
        self.unnamed()
    }

    /// Without its name at its end.
    pub(crate) fn unnamed(mut self) -> Self {
        self.named = false;
        self
    }
}

/// A phase of the x axis, shaded in turns, with its name on top.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Band<'a> {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Its name.
    pub name: &'a str,
}

/// Something that happened at one x: a dotted line with a few words at its foot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flag<'a> {
    /// When.
    pub x: f64,
    /// What.
    pub text: &'a str,
}

/// A level to compare with, drawn across the plot or a part of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reference<'a> {
    /// What it is; empty: no name.
    pub name: &'a str,
    /// The level.
    pub y: f64,
    /// From and to; `None`: across the whole plot.
    pub x: Option<[f64; 2]>,
    /// Its colour.
    pub color: Color32,
    /// Its dash.
    pub dash: LineStyle,
}

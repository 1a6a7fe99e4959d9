//! What is suspicious about the table, each with answers that are one click away.

use egui::{Role as Access, Ui, WidgetInfo, vec2};

use crate::app::actions::Intent;
use crate::app::role_moves::give_role;
use crate::app::theme::{self, Tone};
use crate::app::widgets::{card, remark, table_title};
use crate::app::workspace::{OpenTable, Workspace};
use crate::checks::{Action, Answer, Finding};
use crate::data::{MissingCode, ReadOptions, Role, ValidationSettings};
use crate::report::findings_table;

/// Findings that the person chose to leave as they are: of this table, until another one is opened.
#[derive(Default)]
pub(super) struct Findings {
    left: Vec<Finding>,
}

impl Findings {
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        workspace: &Workspace,
        table: &OpenTable,
        selected: &mut Option<usize>,
        intents: &mut Vec<Intent>,
    ) {
        let Some(findings) = &workspace.insights.findings else { return };
        let open: Vec<&Finding> = findings.iter().filter(|finding| !self.left.contains(finding)).collect();
        let hidden = findings.len() - open.len();
        if findings.is_empty() {
            return;
        }
        ui.add_space(6.0);
        let title = theme::section(format!("Worth a look ({})", open.len()));
        table_title(ui, "findings", title, || findings_table(findings));
        let mut leave = None;
        for finding in open {
            card(ui, |ui| {
                remark(ui, Tone::Warn, finding.text.as_str());
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().button_padding = vec2(8.0, 2.0);
                    ui.spacing_mut().interact_size.y = 22.0;
                    for answer in &finding.answers {
                        let button = ui.button(answer.title);
                        let of = names(table, answer);
                        button
                            .widget_info(|| WidgetInfo::labeled(Access::Button, true, format!("{}{of}", answer.title)));
                        if button.clicked() {
                            intents.extend(intent(workspace, table, answer.title, &answer.action));
                        }
                    }
                    if let Some(&column) = finding.columns.first()
                        && ui.button("Show").on_hover_text("Mark the column and show what it holds").clicked()
                    {
                        *selected = Some(column);
                    }
                    if ui.button("Leave").on_hover_text("Keep things as they are").clicked() {
                        leave = Some(finding.clone());
                    }
                });
            });
        }
        if hidden > 0 && ui.button(format!("Show {hidden} left as they are")).clicked() {
            self.left.clear();
        }
        self.left.extend(leave);
    }
}

/// Which columns are meant, for those who hear a button's name alone.
fn names(table: &OpenTable, answer: &Answer) -> String {
    let all = table.source.table.names();
    let columns: &[usize] = match &answer.action {
        Action::SetAside(columns) | Action::DeclareMissing { columns, .. } => columns,
        Action::GiveRole(column, _) => std::slice::from_ref(column),
        Action::Validate(_) | Action::KeepEnterprisesWhole | Action::KeepDuplicatesTogether => &[],
    };
    let names: Vec<&str> = columns.iter().filter_map(|&column| all.get(column)).map(String::as_str).collect();
    if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) }
}

/// What an answer asks for.
fn intent(workspace: &Workspace, table: &OpenTable, title: &str, action: &Action) -> Option<Intent> {
    let validate = |change: &dyn Fn(&mut ValidationSettings)| {
        let mut settings = workspace.settings.clone();
        change(&mut settings.validation);
        Some(Intent::SetSettings(Box::new(settings)))
    };
    match action {
        Action::SetAside(columns) => {
            let mut roles = table.roles.clone();
            for &column in columns {
                *roles.roles.get_mut(column)? = Role::SetAside;
            }
            let what = match columns.as_slice() {
                [column] => format!("role of {}", table.source.table.names()[*column]),
                _ => title.to_lowercase(),
            };
            Some(Intent::SetRoles { roles, bad_confirmed: table.bad_confirmed, what })
        }
        Action::GiveRole(column, role) => Some(give_role(table, *column, *role)),
        Action::Validate(kind) => validate(&|validation| validation.kind = *kind),
        Action::DeclareMissing { columns, value } => {
            let mut options: ReadOptions = table.options.clone();
            for &column in columns {
                let column = Some(table.source.table.names().get(column)?.clone());
                options.missing.codes.push(MissingCode { column, value: value.clone() });
            }
            Some(Intent::SetReading { options: Box::new(options), what: format!("missing code {value}") })
        }
        Action::KeepEnterprisesWhole => validate(&|validation| validation.keep_enterprises_whole = true),
        Action::KeepDuplicatesTogether => validate(&|validation| validation.keep_duplicates_together = true),
    }
}

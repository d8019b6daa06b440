//! The wizard's state is its address: what was chosen, and which step is asked for. Reload, Back and
//! two tabs come from that.

use leptos_router::{location::Url, params::ParamsMap};
use serde::{Deserialize, Serialize};

use crate::route;

/// The value of "any position" in the address.
pub const ANY: &str = "any";

/// The steps, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    #[default]
    Position,
    Stage,
    Assessment,
    Done,
}

impl Step {
    /// The word in the address.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Position => "position",
            Self::Stage => "stage",
            Self::Assessment => "assessment",
            Self::Done => "done",
        }
    }

    fn parse(slug: &str) -> Self {
        match slug {
            "stage" => Self::Stage,
            "assessment" => Self::Assessment,
            "done" => Self::Done,
            _ => Self::Position,
        }
    }
}

/// What the address says; an empty text is "not chosen".
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wizard {
    pub step: Step,
    pub posting: String,
    pub stage: String,
    pub assessment: String,
    pub valid_days: String,
    /// What positions are searched for.
    pub q: String,
    /// Why the last Next did not go on.
    pub problem: String,
    /// The attachment that was made.
    pub attachment: String,
}

impl Wizard {
    /// Reads the address.
    #[must_use]
    pub fn read(query: &ParamsMap) -> Self {
        let text = |name: &str| query.get(name).unwrap_or_default();
        Self {
            step: Step::parse(&text("step")),
            posting: text("posting"),
            stage: text("stage"),
            assessment: text("assessment"),
            valid_days: text("valid_days"),
            q: text("q"),
            problem: text("problem"),
            attachment: text("attachment"),
        }
    }

    /// The step that can be shown: never beyond the first choice that is missing.
    #[must_use]
    pub fn reachable(&self) -> Step {
        let limit = match (self.posting.is_empty(), self.stage.is_empty()) {
            (true, _) => Step::Position,
            (false, true) => Step::Stage,
            (false, false) => Step::Assessment,
        };
        match self.step {
            Step::Done if !self.attachment.is_empty() => Step::Done,
            step => step.min(limit),
        }
    }

    /// The same choices at another step.
    #[must_use]
    pub fn at(&self, step: Step) -> Self {
        Self { step, problem: String::new(), ..self.clone() }
    }

    /// The same choices with a problem to tell at `step`.
    #[must_use]
    pub fn failed(&self, step: Step, problem: &str) -> Self {
        Self { step, problem: problem.to_owned(), ..self.clone() }
    }

    /// With what was chosen at `step`.
    #[must_use]
    pub fn choose(&self, step: Step, value: String) -> Self {
        let mut chosen = self.at(step);
        match step {
            Step::Position => chosen.posting = value,
            Step::Stage => chosen.stage = value,
            Step::Assessment => chosen.assessment = value,
            Step::Done => chosen.attachment = value,
        }
        chosen
    }

    /// The address.
    #[must_use]
    pub fn href(&self) -> String {
        let given = self.fields().into_iter().filter(|(_, value)| !value.is_empty());
        let pairs: Vec<_> = given.map(|(name, value)| format!("{name}={}", escape(value))).collect();
        format!("{}?{}", route::ATTACH, pairs.join("&"))
    }

    fn fields(&self) -> [(&'static str, &str); 8] {
        [
            ("step", self.step.slug()),
            ("posting", &self.posting),
            ("stage", &self.stage),
            ("assessment", &self.assessment),
            ("valid_days", &self.valid_days),
            ("q", &self.q),
            ("problem", &self.problem),
            ("attachment", &self.attachment),
        ]
    }

    /// What a step's form has to carry along: all that it does not ask for itself.
    #[must_use]
    pub fn carried(&self, step: Step) -> Vec<(&'static str, String)> {
        let own: &[&str] = match step {
            Step::Position => &["posting", "q"],
            Step::Stage => &["stage"],
            Step::Assessment => &["assessment", "valid_days"],
            Step::Done => &[],
        };
        let is_carried = |(name, value): &(&'static str, &str)| {
            !own.contains(name) && !matches!(*name, "step" | "problem") && !value.is_empty()
        };
        self.fields().into_iter().filter(is_carried).map(|(name, value)| (name, value.to_owned())).collect()
    }
}

/// A value as it stands in an address; ids stay readable.
fn escape(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if value.chars().all(is_plain) { value.to_owned() } else { Url::escape(value) }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::{ANY, Step, Wizard};

    fn wizard(step: Step, posting: &str, stage: &str) -> Wizard {
        Wizard { step, posting: posting.to_owned(), stage: stage.to_owned(), ..Wizard::default() }
    }

    #[test]
    fn no_step_is_shown_before_its_choices() {
        assert_eq!(wizard(Step::Assessment, "", "st").reachable(), Step::Position);
        assert_eq!(wizard(Step::Assessment, ANY, "").reachable(), Step::Stage);
        assert_eq!(wizard(Step::Assessment, ANY, "st").reachable(), Step::Assessment);
        assert_eq!(wizard(Step::Position, ANY, "st").reachable(), Step::Position);
        assert_eq!(wizard(Step::Done, ANY, "st").reachable(), Step::Assessment);
    }

    #[test]
    fn going_back_keeps_what_was_chosen_and_forgets_the_problem() {
        let there = wizard(Step::Assessment, "p 1", "st").failed(Step::Stage, "stage");
        assert_eq!(there.href(), "/settings/integrations/lever/attach?step=stage&posting=p%201&stage=st&problem=stage");
        let back = there.at(Step::Position);
        assert_eq!(back.href(), "/settings/integrations/lever/attach?step=position&posting=p%201&stage=st");
        assert_eq!(back.carried(Step::Position), [("stage", "st".to_owned())]);
    }
}

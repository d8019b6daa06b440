//! What the list shows: the filter as an address, so that reload, Back and links keep it.

use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

use crate::{
    route,
    ui::{InviteState, Verdict},
};

/// What counts as recent: the period of the dashboard's funnel.
#[cfg(feature = "ssr")]
pub const RECENT_DAYS: i64 = 30;

/// The filter of the list. All parts hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    pub state: Option<InviteState>,
    pub reached: Option<Reached>,
    pub verdict: Option<Verdict>,
    pub position: Option<String>,
    pub awaiting: bool,
    pub mine: bool,
    pub attention: bool,
    pub recent: bool,
    pub name: Option<String>,
    /// Where the page before ended.
    pub after: Option<String>,
}

/// How far an invite came at least: the steps of the dashboard's funnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reached {
    Invited,
    Started,
    Completed,
}

impl Reached {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Invited, Self::Started, Self::Completed];

    /// The name in addresses and forms, where it stands in the place of a state.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Invited => "ever-invited",
            Self::Started => "ever-started",
            Self::Completed => "ever-completed",
        }
    }
}

/// The parts that are on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toggle {
    Awaiting,
    Mine,
    Attention,
    Recent,
}

impl Toggle {
    /// All of them, in the order of the chips.
    pub const ALL: [Self; 4] = [Self::Awaiting, Self::Mine, Self::Attention, Self::Recent];

    /// The name in addresses and forms.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Awaiting => "awaiting",
            Self::Mine => "mine",
            Self::Attention => "attention",
            Self::Recent => "recent",
        }
    }
}

impl Filter {
    /// Reads the filter from an address; what cannot be read is not filtered by.
    #[must_use]
    pub fn read(query: &ParamsMap) -> Self {
        let text = |name: &str| query.get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let (state, verdict) = (text("state"), text("verdict"));
        Self {
            state: InviteState::ALL.into_iter().find(|known| state.as_deref() == Some(&known.slug())),
            reached: Reached::ALL.into_iter().find(|known| state.as_deref() == Some(known.slug())),
            verdict: Verdict::ALL.into_iter().find(|known| verdict.as_deref() == Some(known.word())),
            position: text("position"),
            awaiting: text(Toggle::Awaiting.slug()).is_some(),
            mine: text(Toggle::Mine.slug()).is_some(),
            attention: text(Toggle::Attention.slug()).is_some(),
            recent: text(Toggle::Recent.slug()).is_some(),
            name: text("q"),
            after: text("after"),
        }
    }

    /// The address of the list under this filter.
    #[must_use]
    pub fn address(&self) -> String {
        let mut query = ParamsMap::new();
        let mut add = |name: &'static str, value: Option<String>| {
            if let Some(value) = value {
                query.insert(name, value);
            }
        };
        add("state", Some(self.progress()).filter(|slug| !slug.is_empty()));
        add("verdict", self.verdict.map(|verdict| verdict.word().to_owned()));
        add("position", self.position.clone());
        for toggle in Toggle::ALL {
            add(toggle.slug(), self.has(toggle).then(|| "1".to_owned()));
        }
        add("q", self.name.clone());
        add("after", self.after.clone());
        format!("{}{}", route::CANDIDATES, query.to_query_string())
    }

    /// The status filtered by, exactly or at least, as its control names it; empty for none.
    #[must_use]
    pub fn progress(&self) -> String {
        let exact = self.state.map(InviteState::slug);
        exact.or_else(|| self.reached.map(|step| step.slug().to_owned())).unwrap_or_default()
    }

    /// Whether a part is on.
    #[must_use]
    pub fn has(&self, toggle: Toggle) -> bool {
        match toggle {
            Toggle::Awaiting => self.awaiting,
            Toggle::Mine => self.mine,
            Toggle::Attention => self.attention,
            Toggle::Recent => self.recent,
        }
    }

    /// The filter with a part turned over, from its first page.
    #[must_use]
    pub fn turned(&self, toggle: Toggle) -> Self {
        let mut turned = Self { after: None, ..self.clone() };
        match toggle {
            Toggle::Awaiting => turned.awaiting = !turned.awaiting,
            Toggle::Mine => turned.mine = !turned.mine,
            Toggle::Attention => turned.attention = !turned.attention,
            Toggle::Recent => turned.recent = !turned.recent,
        }
        turned
    }

    /// The page that begins after this cursor.
    #[must_use]
    pub fn from(&self, after: Option<String>) -> Self {
        Self { after, ..self.clone() }
    }

    /// Whether everything is shown, on whatever page.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.from(None) == Self::default()
    }
}

#[cfg(feature = "ssr")]
impl From<Reached> for engine::invite::Reached {
    fn from(reached: Reached) -> Self {
        match reached {
            Reached::Invited => Self::Invited,
            Reached::Started => Self::Started,
            Reached::Completed => Self::Completed,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<Filter> for engine::invite::Filter {
    fn from(filter: Filter) -> Self {
        Self {
            state: filter.state.and_then(|state| engine::invite::InviteState::parse(&state.slug())),
            posting: filter.position.map(Into::into),
            awaiting_verdict: filter.awaiting,
            mine: filter.mine,
            needs_attention: filter.attention,
            reached: filter.reached.map(Into::into),
            verdict: filter.verdict.map(Into::into),
            days: filter.recent.then_some(RECENT_DAYS),
            name: filter.name,
            after: filter.after,
        }
    }
}

#[cfg(test)]
mod tests {
    use leptos_router::params::ParamsMap;

    use super::{Filter, Reached, Toggle};
    use crate::ui::{InviteState, Verdict};

    fn read(address: &str) -> Filter {
        let mut query = ParamsMap::new();
        for (name, value) in
            address.split_once('?').into_iter().flat_map(|(_, q)| q.split('&')).filter_map(|p| p.split_once('='))
        {
            query.insert(name.to_owned(), value.replace("%20", " "));
        }
        Filter::read(&query)
    }

    #[test]
    fn a_filter_survives_its_address() {
        let filter = Filter {
            state: Some(InviteState::Completed),
            position: Some("p1".to_owned()),
            awaiting: true,
            name: Some("Maya Chen".to_owned()),
            ..Filter::default()
        };
        assert_eq!(read(&filter.address()), filter);
        let funnel = Filter {
            reached: Some(Reached::Started),
            verdict: Some(Verdict::NotGiven),
            recent: true,
            ..Filter::default()
        };
        assert_eq!(read(&funnel.address().replace("%2F", "/")), funnel);
        assert_eq!(read("/candidates?state=nonsense&q=%20"), Filter::default());
    }

    #[test]
    fn turning_a_part_over_begins_at_the_first_page() {
        let older = Filter { after: Some("x".to_owned()), mine: true, ..Filter::default() };
        assert_eq!(older.turned(Toggle::Mine), Filter::default());
        assert!(Filter { after: Some("x".to_owned()), ..Filter::default() }.is_open());
    }
}

//! The icons, as inline SVG: decoration beside a word, never instead of one.

use leptos::prelude::*;

/// What the icons show; drawn on a 16 × 16 grid with a 1.5 stroke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    Alert,
    ArrowRight,
    Ban,
    Check,
    CheckCircle,
    Circle,
    Clock,
    Copy,
    Cross,
    Dashboard,
    External,
    Half,
    Hourglass,
    Info,
    Lock,
    Note,
    People,
    Person,
    Pulse,
    Question,
    Search,
    Send,
    Settings,
    ThumbDown,
    ThumbUp,
    Undo,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Alert => "M8 2.2 14.5 13.5h-13zM8 6.5v3M8 11.6v.01",
            Self::ArrowRight => "M3 8h10M9 4l4 4-4 4",
            Self::Ban => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM3.8 3.8l8.4 8.4",
            Self::Check => "M3 8.5 6.5 12 13 4.5",
            Self::CheckCircle => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM5.3 8.2l2 2 3.5-4",
            Self::Circle => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z",
            Self::Clock => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.8V8l2.2 1.6",
            Self::Copy => "M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1",
            Self::Cross => "M4 4l8 8M12 4l-8 8",
            Self::Dashboard => "M2.5 2.5h4.5v5.5H2.5zM9 2.5h4.5V6H9zM9 8h4.5v5.5H9zM2.5 10h4.5v3.5H2.5z",
            Self::External => "M9.5 2.5h4v4M13.5 2.5 7.5 8.5M11.5 9v4.5h-9v-9H7",
            Self::Half => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 2v12M8 5.5h4.5M8 8h5.5M8 10.5h4.5",
            Self::Hourglass => {
                "M4 2.5h8M4 13.5h8M5 2.5c0 3 3 3.5 3 5.5s-3 2.5-3 5.5M11 2.5c0 3-3 3.5-3 5.5s3 2.5 3 5.5"
            }
            Self::Info => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 7.5v3.5M8 5.1v.01",
            Self::Lock => "M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
            Self::Note => "M3.5 2.5h9v11h-9zM5.5 5.5h5M5.5 8h5M5.5 10.5h3",
            Self::People => {
                "M6 3a2.2 2.2 0 1 0 0 4.4A2.2 2.2 0 0 0 6 3zM2 13c0-2.5 1.5-4 4-4s4 1.5 4 4M10.5 3.2a2 2 0 0 1 0 4M11.5 9.2c1.7.5 2.5 1.8 2.5 3.8"
            }
            Self::Person => "M8 2.5a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4zM2.8 13.5c0-2.7 2-4 5.2-4s5.2 1.3 5.2 4",
            Self::Pulse => "M1.5 8h3l2-5 3 10 2-5h3",
            Self::Question => {
                "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM6.2 6.3C6.2 5.3 7 4.8 8 4.8s1.8.6 1.8 1.5c0 1.3-1.8 1.3-1.8 2.5M8 11v.01"
            }
            Self::Search => "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l3.2 3.2",
            Self::Send => "M2 7.5 14 2.5l-4 11-2.5-4.5zM7.5 9 14 2.5",
            Self::Settings => {
                "M2 4.5h6.5M11.5 4.5H14M2 11.5h2.5M7.5 11.5H14M10 3a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM6 10a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z"
            }
            Self::ThumbDown => {
                "M5 9.5V3h6.2c.8 0 1.3.5 1.5 1.2l1 3.8c.2.9-.4 1.5-1.2 1.5H9.8l.4 2.7c.1.9-.4 1.3-1 1.3-.5 0-.8-.2-1-.6zM2.3 3H5v6.5H2.3z"
            }
            Self::ThumbUp => {
                "M5 6.5V13h6.2c.8 0 1.3-.5 1.5-1.2l1-3.8c.2-.9-.4-1.5-1.2-1.5H9.8l.4-2.7c.1-.9-.4-1.3-1-1.3-.5 0-.8.2-1 .6zM2.3 13H5V6.5H2.3z"
            }
            Self::Undo => "M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6M6 3 2.5 6.5 6 10",
        }
    }
}

/// One icon, hidden from assistive technology.
#[component]
pub fn Glyph(
    /// What it shows.
    icon: Icon,
) -> impl IntoView {
    view! {
        <svg class="glyph" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d=icon.path()/>
        </svg>
    }
}

/// The product's mark: two beams that meet over the gap.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
            <path class="mark-near" d="M2 4h9.4v4.2L5.5 11v9H2z"/>
            <path class="mark-far" d="M22 4h-9.4v4.2l5.9 2.8v9H22z"/>
        </svg>
    }
}

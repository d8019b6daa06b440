//! "JavaScript, 60 min".

use super::{Section, choice, written};

pub(crate) const JAVASCRIPT: &[Section] = &[
    Section {
        id: "language",
        name: "Language",
        weight: 40,
        questions: &[
            choice("What is `typeof null`?", ["\"null\"", "\"undefined\"", "\"object\"", "It throws"], 2),
            choice(
                "What does `[10, 9, 1].sort()` return?",
                ["[1, 10, 9]", "[1, 9, 10]", "[10, 9, 1]", "[9, 10, 1]"],
                0,
            ),
            choice(
                "What does `a?.b` give when a is undefined?",
                ["It throws a TypeError", "null", "false", "undefined"],
                3,
            ),
            choice("Which comparison is true?", ["NaN === NaN", "[] === []", "0.1 + 0.2 === 0.3", "'b' > 'a'"], 3),
        ],
    },
    Section {
        id: "asynchrony",
        name: "Asynchrony",
        weight: 30,
        questions: &[
            choice(
                "setTimeout(() => log('a'), 0); Promise.resolve().then(() => log('b')); log('c'). In which order?",
                ["a b c", "c b a", "c a b", "b c a"],
                1,
            ),
            choice(
                "Three requests that do not depend on one another should take as long as the slowest. You write",
                [
                    "await a(); await b(); await c();",
                    "for (const f of [a, b, c]) await f();",
                    "await Promise.all([a(), b(), c()]);",
                    "Promise.race([a(), b(), c()]);",
                ],
                2,
            ),
            choice(
                "An async function throws and nobody awaits or catches it. What happens?",
                [
                    "An unhandled rejection is reported",
                    "The caller's try/catch takes it",
                    "The function runs again",
                    "Nothing, the error is gone without trace",
                ],
                0,
            ),
        ],
    },
    Section {
        id: "browser",
        name: "In the browser",
        weight: 30,
        questions: &[
            choice(
                "You put a visitor's name into the page. Which is safe?",
                ["element.innerHTML = name", "element.textContent = name", "document.write(name)", "eval(name)"],
                1,
            ),
            choice(
                "A list of 2,000 rows needs a click handler for each row. The lightest way is",
                [
                    "one handler on the list that looks at event.target",
                    "2,000 handlers in a loop",
                    "an onclick attribute in each row",
                    "a timer that watches the mouse",
                ],
                0,
            ),
            choice(
                "Which element does a screen reader announce as a button without further work?",
                ["<div onclick>", "<span class=\"button\">", "<button>", "<a>"],
                2,
            ),
            written(
                "A page is slow only on telephones. Describe how you would find out why, and two causes you would expect.",
            ),
        ],
    },
];

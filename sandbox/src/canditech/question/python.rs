//! "Python, 60 min".

use super::{Section, choice, written};

pub(crate) const PYTHON: &[Section] = &[
    Section {
        id: "fundamentals",
        name: "Fundamentals",
        weight: 40,
        questions: &[
            choice("What does `len({1, 1, 2, 2, 3})` return?", ["5", "3", "2", "It raises a TypeError"], 1),
            choice(
                "`def add(item, items=[])` appends item to items and returns items. What does the second of the calls add(1), add(2) return?",
                ["[2]", "[1]", "[1, 2]", "It raises a TypeError"],
                2,
            ),
            choice("Which of these can be a key of a dict?", ["(1, 'a')", "[1, 'a']", "{1, 2}", "{'a': 1}"], 0),
            choice(
                "What does a generator function do when it is called?",
                [
                    "It runs to the first yield",
                    "It runs to the end and keeps the values in a list",
                    "It starts a thread",
                    "It returns an iterator; its body has not begun to run",
                ],
                3,
            ),
        ],
    },
    Section {
        id: "problem-solving",
        name: "Problem solving",
        weight: 35,
        questions: &[
            choice(
                "You look up 100,000 ids in a list of 100,000 with `in`. It takes minutes. What helps most?",
                [
                    "Sort the list first and keep using `in`",
                    "Put the list into a set once and look up there",
                    "Split the loop over several threads",
                    "Use a while loop in place of for",
                ],
                1,
            ),
            choice(
                "A log file of 40 GB must be searched for a word on a machine with 4 GB of memory. Which is right?",
                [
                    "for line in open(path): test the line",
                    "open(path).read().find(word)",
                    "open(path).readlines(), then test each",
                    "json.load(open(path))",
                ],
                0,
            ),
            choice(
                "Which structure gives the next job by priority fastest while new jobs keep arriving?",
                ["A list sorted after each arrival", "A dict keyed by priority", "A deque", "A heap (heapq)"],
                3,
            ),
            choice(
                "A function is called again and again with the same few arguments and is pure but slow. What is the smallest change that helps?",
                [
                    "Move it into a class",
                    "Make its arguments global",
                    "Put functools.lru_cache on it",
                    "Rewrite it as a lambda",
                ],
                2,
            ),
            written(
                "A nightly job sometimes sends the same e-mail twice. Describe how you would find the cause, and how you would make the job safe to run twice.",
            ),
        ],
    },
    Section {
        id: "sql",
        name: "SQL",
        weight: 25,
        questions: &[
            choice(
                "customers LEFT JOIN orders: what do you get for a customer without orders?",
                [
                    "No row",
                    "An error",
                    "One row, with NULL in the columns of orders",
                    "One row for each order of anybody",
                ],
                2,
            ),
            choice(
                "Which condition finds the rows whose paid_at is not set?",
                ["paid_at IS NULL", "paid_at = NULL", "paid_at = ''", "NOT paid_at"],
                0,
            ),
            choice(
                "You want departments with more than ten people. Where does `count(*) > 10` go?",
                ["WHERE", "ORDER BY", "GROUP BY", "HAVING"],
                3,
            ),
            choice(
                "A Python program builds a query from what a user typed. What prevents SQL injection?",
                [
                    "Escaping quotes with replace",
                    "Passing the value as a bound parameter",
                    "Checking its length",
                    "Using a read-only cursor",
                ],
                1,
            ),
        ],
    },
];

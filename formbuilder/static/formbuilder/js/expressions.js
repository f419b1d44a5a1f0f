// The browser's twin of formbuilder/expressions/evaluate.py: same JSON, same results.
// Both are held to tests/vectors/expressions.json.
//
// Scalars: text and date ("YYYY-MM-DD") are strings, number is a Decimal, lists are arrays, unanswered is null.
// A scope maps "key" or "key.part" to a scalar; make them with `scalar`.

const DIGITS = 28;
const DECIMALS = 54;
const LAST_DAY = 2932896; // 9999-12-31, in days from 1970-01-01
const FIRST_DAY = -719162; // 0001-01-01

const ten = (power) => 10n ** BigInt(power);
const size = (n) => String(n).replace("-", "").length;

/** n × 10^-scale, scale >= 0. */
class Decimal {
  constructor(n, scale = 0) {
    this.n = BigInt(n);
    this.scale = scale;
  }

  static parse(text) {
    const [, sign, whole, part = ""] = /^(-?)([0-9]{1,28})(?:\.([0-9]{1,54}))?$/.exec(text) ?? [];
    if (whole === undefined || (whole + part).replace(/^0+|0+$/g, "").length > DIGITS) return null;
    return new Decimal(sign + whole + part, part.length);
  }

  toString() {
    const digits = String(this.n).replace("-", "").padStart(this.scale + 1, "0");
    const whole = digits.slice(0, digits.length - this.scale);
    const part = digits.slice(digits.length - this.scale).replace(/0+$/, "");
    return (this.n < 0n ? "-" : "") + whole + (part && "." + part);
  }

  /** A whole number of everyday size, else null. */
  whole() {
    const [n, rest] = [this.n / ten(this.scale), this.n % ten(this.scale)];
    return rest === 0n && size(n) < 10 ? Number(n) : null;
  }
}

/** n / 10^places as a whole number. */
function cut(n, places, mode) {
  const unit = ten(places);
  const rest = n % unit;
  const away = mode === "up" ? rest !== 0n : mode === "half" && 2n * (rest < 0n ? -rest : rest) >= unit;
  return n / unit + (away ? (n < 0n ? -1n : 1n) : 0n);
}

/** The result of an operation, rounded to what numbers can hold; null from 10^28 on. */
function fit(n, scale) {
  const places = Math.min(scale, Math.max(size(n) - DIGITS, scale - DECIMALS));
  if (places > 0) return fit(cut(n, places, "half"), scale - places);
  return n !== 0n && size(n) - scale > DIGITS ? null : new Decimal(n, scale);
}

function aligned(a, b) {
  const scale = Math.max(a.scale, b.scale);
  return [a.n * ten(scale - a.scale), b.n * ten(scale - b.scale), scale];
}

function add(a, b) {
  const [left, right, scale] = aligned(a, b);
  return fit(left + right, scale);
}

function divide(a, b) {
  if (b.n === 0n) return null;
  const extra = Math.max(0, DECIMALS + 1 + b.scale - a.scale, DIGITS + 1 + size(b.n) - size(a.n));
  return fit((a.n * ten(extra)) / b.n, a.scale + extra - b.scale);
}

const negate = (a) => new Decimal(-a.n, a.scale);

const round = (mode) => (a, digits = new Decimal(0)) => {
  if (digits.n % ten(digits.scale) !== 0n) return null;
  const wanted = digits.n / ten(digits.scale);
  const place = Number(wanted < -99n ? -99n : wanted > 99n ? 99n : wanted);
  if (place >= a.scale) return a;
  const n = cut(a.n, a.scale - place, mode);
  return place < 0 ? fit(n * ten(-place), 0) : fit(n, place);
};

/** Negative, zero or positive, as a is less than, equal to or greater than b; both of one kind. */
function compare(a, b) {
  if (!(a instanceof Decimal)) return a === b ? 0 : a < b ? -1 : 1;
  const [left, right] = aligned(a, b);
  return left === right ? 0 : left < right ? -1 : 1;
}

const days = (date) => Date.parse(date + "T00:00:00Z") / 864e5;
const dated = (day) =>
  day >= FIRST_DAY && day <= LAST_DAY ? new Date(day * 864e5).toISOString().slice(0, 10) : null;
const isDate = (text) => /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) && dated(days(text)) === text;
const ymd = (date) => date.split("-").map(Number);
const join = (year, month, day) =>
  [String(year).padStart(4, "0"), String(month).padStart(2, "0"), String(day).padStart(2, "0")].join("-");

function addMonths(date, months) {
  const [year, month, day] = ymd(date);
  const count = months.whole();
  if (count === null) return null;
  const at = year * 12 + month - 1 + count;
  const [y, m] = [Math.floor(at / 12), (((at % 12) + 12) % 12) + 1];
  for (let d = day; y >= 1 && y <= 9999; d--) if (isDate(join(y, m, d))) return join(y, m, d);
  return null;
}

function ageOn(birth, date) {
  const [from, to] = [ymd(birth), ymd(date)];
  return birth > date ? null : new Decimal(to[0] - from[0] - (date.slice(5) < birth.slice(5) ? 1 : 0));
}

function fiscalYearStart(date) {
  const [year, month] = ymd(date);
  return month < 4 && year === 1 ? null : join(month < 4 ? year - 1 : year, 4, 1);
}

const isBlank = (value) => value === null || value.length === 0;
const flat = (values) => values.flat().filter((value) => value !== null);
const same = (a, b) => compare(a, b) === 0;
const extreme = (sign) => (...values) =>
  flat(values).reduce((best, value) => (compare(value, best) * sign > 0 ? value : best));
const unless = (blank, operations) =>
  Object.fromEntries(
    Object.entries(operations).map(([op, run]) => [op, (args) => (args.includes(null) ? blank : run(...args))]),
  );

/** Functions of (arguments, today); `unless`: with an unanswered argument the result is the value given. */
const OPS = {
  ...unless(false, {
    eq: same,
    lt: (a, b) => compare(a, b) < 0,
    le: (a, b) => compare(a, b) <= 0,
    gt: (a, b) => compare(a, b) > 0,
    ge: (a, b) => compare(a, b) >= 0,
    contains: (a, b) => (Array.isArray(a) ? a.some((item) => same(item, b)) : a.includes(b)),
    starts_with: (a, b) => a.startsWith(b),
  }),
  ...unless(null, {
    add,
    sub: (a, b) => add(a, negate(b)),
    mul: (a, b) => fit(a.n * b.n, a.scale + b.scale),
    div: divide,
    neg: negate,
    abs: (a) => (a.n < 0n ? negate(a) : a),
    min: extreme(-1),
    max: extreme(1),
    round_down: round("down"),
    round_up: round("up"),
    round_half_up: round("half"),
    fiscal_year_start: fiscalYearStart,
    days_between: (a, b) => new Decimal(days(b) - days(a)),
    add_days: (date, count) => (count.whole() === null ? null : dated(days(date) + count.whole())),
    add_months: addMonths,
    length: (text) => new Decimal([...text].length),
  }),
  and: (args) => args.every((value) => value === true),
  or: (args) => args.some((value) => value === true),
  not: ([value]) => value !== true,
  ne: ([a, b]) => (a === null || b === null ? a !== b : !same(a, b)),
  one_of: ([value, ...options]) => value !== null && flat(options).some((option) => same(value, option)),
  blank: ([value]) => isBlank(value),
  today: (_, today) => today,
  age_on: ([birth, date], today) => (birth === null || date === null ? null : ageOn(birth, date ?? today)),
  concat: (args) => flat(args).join("") || null,
  sum: (args) => flat(args).reduce((total, value) => total && add(total, value), new Decimal(0)),
  count: (args) => new Decimal(flat(args).length),
};

const READ = {
  boolean: (raw) => (typeof raw === "boolean" ? raw : null),
  text: (raw) => (typeof raw === "string" && raw !== "" ? raw : null),
  number: (raw) => (typeof raw === "string" ? Decimal.parse(raw) : null),
  date: (raw) => (typeof raw === "string" && isDate(raw) ? raw : null),
};

/** What expressions see of a stored answer; null when it is unanswered or not of the kind. */
export function scalar(raw, kind) {
  if (kind !== "texts" && kind !== "numbers") return READ[kind](raw);
  const items = Array.isArray(raw) ? raw.map(READ[kind.slice(0, -1)]) : [];
  return items.length === 0 || items.includes(null) ? null : items;
}

/** What an expression (its JSON) comes to; today is "YYYY-MM-DD". String(result) is how a number is written. */
export function evaluate(expression, scope, today) {
  if ("kind" in expression) return scalar(expression.value, expression.kind);
  if ("field" in expression) {
    return scope[expression.part ? `${expression.field}.${expression.part}` : expression.field] ?? null;
  }
  const value = (argument) => evaluate(argument, scope, today);
  const { op, args } = expression;
  if (op !== "if") return OPS[op](args.map(value), today);
  const chosen = value(args[0]) ? args[1] : args[2];
  return chosen ? value(chosen) : null;
}

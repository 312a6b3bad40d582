'use strict';

class ProtocolError extends Error {}

/** The members of an envelope, each checked when it is read. A member that is null counts as left out (2). */
class Envelope {
  constructor(text) {
    const value = parse(text);
    if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new ProtocolError('not an object');
    this.members = split(text);
    this.type = this.string('t');
  }

  raw(name) {
    if (!this.members.has(name)) throw new ProtocolError(`${name} is missing`);
    return this.members.get(name);
  }

  has(name) {
    return this.members.has(name) && this.members.get(name) !== 'null';
  }

  value(name) {
    return JSON.parse(this.raw(name));
  }

  string(name, min = 1, max = 1024) {
    const value = this.value(name);
    if (typeof value !== 'string' || value.length < min || value.length > max) throw new ProtocolError(`${name} is no string`);
    return value;
  }

  id(name) {
    const id = this.string(name);
    if (!/^[0-9A-Za-z_.:-]{1,64}$/.test(id)) throw new ProtocolError(`${name} is no id`);
    return id;
  }

  seq(name) {
    const seq = Number(this.raw(name));
    if (!/^[1-9][0-9]*$/.test(this.raw(name)) || !Number.isSafeInteger(seq)) throw new ProtocolError(`${name} is no seq`);
    return seq;
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProtocolError('not JSON');
  }
}

/** The texts of the elements of a JSON array. */
function elements(text) {
  if (!Array.isArray(parse(text))) throw new ProtocolError('not an array');
  return split(text);
}

/**
 * Splits the text of a JSON object or array, which JSON.parse must have accepted, into the texts of its members: a Map from name to
 * text, or an array of texts. JSON.parse alone would round numbers of more than 53 bits.
 */
function split(text) {
  const parts = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"') {
      while (text[++i] !== '"') if (text[i] === '\\') i++;
    } else if (char === '[' || char === '{') {
      if (depth++ === 0) start = i + 1;
    } else if (char === ']' || char === '}') {
      if (--depth === 0) parts.push(text.slice(start, i).trim());
    } else if (depth === 1 && (char === ',' || char === ':')) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  if (parts.length === 1 && parts[0] === '') parts.pop();
  if (text.trimStart()[0] === '[') return parts;
  const object = new Map();
  for (let i = 0; i < parts.length; i += 2) object.set(JSON.parse(parts[i]), parts[i + 1]);
  return object;
}

module.exports = { Envelope, ProtocolError, elements };

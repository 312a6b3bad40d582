package dev.holdfast.internal.runtime;

/**
 * A task that applies events of the flow of messages: messages that were read, written, handled, or taken or dropped by the queue. They look at
 * the machine alone, so they may be applied before the effects of the events ahead of them are performed.
 */
interface FlowTask extends Runnable {}

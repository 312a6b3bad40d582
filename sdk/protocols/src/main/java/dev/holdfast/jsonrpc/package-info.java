/** JSON-RPC 2.0 over WebSocket: calls, notifications, batches and subscriptions, on the sessions of Holdfast. */
@NullMarked
package dev.holdfast.jsonrpc;

import org.jspecify.annotations.NullMarked;

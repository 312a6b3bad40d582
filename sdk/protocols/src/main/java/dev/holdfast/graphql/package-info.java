/** GraphQL over WebSocket, the subprotocol {@code graphql-transport-ws}: {@link dev.holdfast.graphql.GraphQl}. */
@NullMarked
package dev.holdfast.graphql;

import org.jspecify.annotations.NullMarked;

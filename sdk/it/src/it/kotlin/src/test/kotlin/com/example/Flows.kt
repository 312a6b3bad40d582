package com.example

import dev.holdfast.HoldfastClient
import dev.holdfast.Message
import dev.holdfast.Outcome
import dev.holdfast.Session
import java.io.IOException
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.channels.trySendBlocking
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.future.await

// kotlin
fun messages(url: String, configure: (HoldfastClient) -> Unit = {}): Flow<Message> = callbackFlow {
    val client = HoldfastClient.builder(url)
        .session(Session.resumable().withManualAcks())
        .onMessage { _, message -> trySendBlocking(message) } // waits while the collector is slow
        .onConnectionFailure { _, failure -> if (!failure.willRetry()) close(IOException(failure.toString())) }
        .onClosed { _, _ -> close() }
        .build()
    configure(client)
    client.connect()
    awaitClose { client.close() } // when the collector has had enough
}
// end

// kotlin
suspend fun HoldfastClient.sendAndAwait(value: Any): Outcome = send(value).outcome().await()
// end

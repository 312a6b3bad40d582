package com.example

import com.fasterxml.jackson.module.kotlin.jacksonObjectMapper
import dev.holdfast.Delivery
import dev.holdfast.HoldfastClient
import dev.holdfast.HoldfastMessage
import dev.holdfast.JacksonCodec
import dev.holdfast.Message
import dev.holdfast.Session
import dev.holdfast.TypeRef

// kotlin
fun roundTrip(client: HoldfastClient): String {
    val time = client.roundTripTime() // a java.time.Duration?, null before the first pong
    return if (time == null) "unknown" else "${time.toMillis()} ms"
}
// end

// kotlin
@HoldfastMessage // so that R8 keeps its names
data class ChatLine(val who: String, val text: String)

class Chat(url: String, show: (ChatLine) -> Unit) {
    val client: HoldfastClient = HoldfastClient.builder(url)
        .session(Session.resumable())
        .payloadCodec(JacksonCodec.of(jacksonObjectMapper())) // jackson-module-kotlin knows data classes
        .onMessage { _, message -> show(message.read(ChatLine::class.java)) }
        .onConnectionFailure { _, failure -> println(failure) } // why, and when it tries again
        .build()

    fun say(who: String, text: String): Delivery = client.send(ChatLine(who, text))
}
// end

// kotlin
inline fun <reified T : Any> Message.read(): T = read(object : TypeRef<T>() {})
// end

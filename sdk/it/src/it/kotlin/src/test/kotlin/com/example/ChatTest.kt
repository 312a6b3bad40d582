package com.example

import dev.holdfast.Outcome
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.test.Test
import kotlin.test.assertEquals

class ChatTest {
    private val url = System.getProperty("resume.url")

    @Test
    fun `a data class comes back`() {
        val shown = LinkedBlockingQueue<ChatLine>()
        val chat = Chat(url) { shown.add(it) }
        assertEquals("unknown", roundTrip(chat.client))
        chat.client.connect()
        val delivery = chat.say("ada", "hello")
        assertEquals(Outcome.Kind.ACKNOWLEDGED, delivery.outcome().get(10, TimeUnit.SECONDS).kind())
        val answer = shown.poll(10, TimeUnit.SECONDS)
        assertEquals(ChatLine("ada", "hello"), answer)
        assertEquals(mapOf("who" to "ada", "text" to "hello"), delivery.message().read<Map<String, String>>())
        chat.client.close()
        assertEquals(1000, chat.client.closed().get(10, TimeUnit.SECONDS).code())
        println("consumer> Kotlin ${KotlinVersion.CURRENT}: the server answered $answer")
    }
}

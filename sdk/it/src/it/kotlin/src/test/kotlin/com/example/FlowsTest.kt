package com.example

import dev.holdfast.HoldfastClient
import dev.holdfast.Outcome
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout

class FlowsTest {
    private val url = System.getProperty("resume.url")

    @Test
    fun `a slow collector gets every message in order`() = runBlocking {
        lateinit var client: HoldfastClient
        val received = withTimeout(30.seconds) {
            messages(url) {
                client = it
                repeat(MESSAGES) { number -> client.send("line $number") }
            }.onEach {
                delay(1.milliseconds)
                it.ack()
            }.take(MESSAGES).toList()
        }
        assertEquals(List(MESSAGES) { "line $it" }, received.map { it.text() })
        withTimeout(20.seconds) { while (!client.closed().isDone) delay(10.milliseconds) }
        println("consumer> a callbackFlow delivered ${received.size} messages in order and closed the client")
    }

    @Test
    fun `a coroutine awaits an outcome`() = runBlocking {
        val client = HoldfastClient.builder(System.getProperty("echo.url")).build()
        client.connect()
        val outcome = withTimeout(10.seconds) { client.sendAndAwait("hello") }
        assertEquals(Outcome.Kind.WRITTEN, outcome.kind())
        client.close()
    }

    private companion object {
        const val MESSAGES = 1_000
    }
}

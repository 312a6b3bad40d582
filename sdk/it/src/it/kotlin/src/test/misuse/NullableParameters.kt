// error: overrides nothing
import dev.holdfast.HoldfastClient
import dev.holdfast.HoldfastListener
import dev.holdfast.Message

class Listener : HoldfastListener {
    override fun onMessage(client: HoldfastClient?, message: Message?) = println(message)
}

// error: only safe
import dev.holdfast.Message

fun use(message: Message) = message.id().length

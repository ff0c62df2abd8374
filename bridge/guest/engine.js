(() => {
	"use strict";
	const parse = JSON.parse;

	// One call from Go both makes the message and runs the handler: a second
	// crossing would cost as much as the handler.
	function deliver(handler, last, id, channel, thread, replyTo, role, authorId, authorName, bot, content, metadata, createdAt, editedAt) {
		const message = {
			id, channel, role,
			author: bot ? { id: authorId, name: authorName, bot } : { id: authorId, name: authorName },
			content,
			metadata: metadata === undefined ? {} : parse(metadata),
			createdAt,
		};
		if (thread !== "") message.thread = thread;
		if (replyTo !== "") message.replyTo = replyTo;
		if (editedAt !== "") message.editedAt = editedAt;
		return last === undefined ? handler(message) : handler(message, last);
	}

	// Compare and swap: the value may have changed while fn ran.
	const update = (read, swap, conflict) => async (key, fn) => {
		for (let turn = 0; turn < 16; turn++) {
			const [value, version] = await read(key);
			const next = await fn(value);
			if (await swap(key, version, next)) return next;
		}
		throw conflict(key);
	};

	return { deliver, update };
})()

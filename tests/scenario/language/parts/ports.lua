return { greeting = 4242 }

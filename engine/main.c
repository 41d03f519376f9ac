// wirescene: plays network scenarios written in Lua with real kernel sockets.
int main(void)
{
    return 0;
}

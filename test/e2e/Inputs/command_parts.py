"""The arguments of a check that runs other commands: PATHS -- RUNNER [-- OPTIONS]."""


def parts(arguments):
    result = [[]]
    for argument in arguments:
        if argument == "--":
            result.append([])
        else:
            result[-1].append(argument)
    return result + [[]] * (3 - len(result))

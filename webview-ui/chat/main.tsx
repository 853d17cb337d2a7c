import "../kit/base.css";
import { start } from "../kit/start";
import { Chat } from "./chat";

start(<Chat />);
